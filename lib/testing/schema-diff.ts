import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type ColumnType,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import type { DiffParams, DiffResult } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { withConnection } from '@/lib/platform/database-admin';

/** The parts of the engine's WebAssembly glue that are called here. */
interface EngineGlue {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  SchemaEngine: {
    new: (options: object, log: (line: string) => void, adapter: unknown) => Promise<Engine>;
  };
}

interface Engine {
  diff(parameters: DiffParams): Promise<DiffResult>;
}

/** Types of PostgreSQL's catalog, by their numbers, that the engine does not want as text. */
const COLUMN_TYPES: Record<number, ColumnType> = {
  16: ColumnTypeEnum.Boolean,
  18: ColumnTypeEnum.Character,
  20: ColumnTypeEnum.Int64,
  21: ColumnTypeEnum.Int32,
  23: ColumnTypeEnum.Int32,
  26: ColumnTypeEnum.Int64,
  1002: ColumnTypeEnum.CharacterArray,
  1003: ColumnTypeEnum.TextArray,
  1005: ColumnTypeEnum.Int32Array,
  1009: ColumnTypeEnum.TextArray,
};
const PARSED = new Set<number>([16, 21, 23, 1002, 1003, 1005, 1009]);
const AS_THE_ENGINE_WANTS: pg.CustomTypesConfig = {
  getTypeParser: (type) =>
    PARSED.has(type) ? (pg.types.getTypeParser(type) as (text: string) => unknown) : (text: string) => text,
};

/**
 * The SQL that would turn a database into what the Prisma schema says; empty when they already agree. Prisma's own
 * engine compares, from its registry package: its command line wants to download a binary for the same thing. What
 * Prisma's language cannot say (CHECKs, triggers, functions) is not compared, and partitions are left out.
 */
export async function schemaDifference(databaseUrl: string, schemaFile: string): Promise<string> {
  return withConnection(databaseUrl, async (client) => {
    const externalTables = await partitionsOf(client);
    const adapter = adapterFor(client);
    const factory = bindMigrationAwareSqlAdapterFactory({
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: () => Promise.resolve(adapter),
      connectToShadowDb: () => Promise.reject(new Error('a comparison needs no shadow database')),
    });
    const content = await readFile(schemaFile, 'utf8');
    const glue = await loadEngine();
    const engine = await glue.SchemaEngine.new({ datamodels: [[schemaFile, content]] }, () => undefined, factory);
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', files: [{ path: schemaFile, content }], configDir: path.dirname(schemaFile) },
      to: { tag: 'schemaDatamodel', files: [{ path: schemaFile, content }] },
      script: true,
      exitCode: true,
      filters: { externalTables, externalEnums: [] },
    });
    return result.exitCode === 0 ? '' : (result.stdout ?? '');
  });
}

async function partitionsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT 'public.' || relname AS name FROM pg_class WHERE relispartition AND relkind = 'r'`,
  );
  return rows.map((row) => row.name);
}

/** Loaded once: the glue keeps one instance for the whole process, and a second would orphan the first. */
let loading: Promise<EngineGlue> | undefined;

function loadEngine(): Promise<EngineGlue> {
  loading ??= instantiateEngine();
  return loading;
}

async function instantiateEngine(): Promise<EngineGlue> {
  const glue = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as EngineGlue;
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'));
  const imports = { './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports };
  const { instance } = await WebAssembly.instantiate(bytes, imports);
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start: () => void }).__wbindgen_start();
  return glue;
}

/** Prisma's own pg adapter rejects the catalog's "char" type, so the engine gets this reader instead. */
function adapterFor(client: pg.Client): SqlDriverAdapter {
  const identity = { provider: 'postgres', adapterName: '@prisma/adapter-pg' } as const;
  const readOnly = () => Promise.reject(new Error('the comparison reads only'));
  return {
    ...identity,
    queryRaw: (query) => readRows(client, query),
    executeRaw: readOnly,
    executeScript: readOnly,
    startTransaction: readOnly,
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  };
}

async function readRows(client: pg.Client, query: SqlQuery): Promise<SqlResultSet> {
  const answer = await client.query<unknown[]>({
    text: query.sql,
    values: query.args,
    rowMode: 'array',
    types: AS_THE_ENGINE_WANTS,
  });
  return {
    columnNames: answer.fields.map((field) => field.name),
    columnTypes: answer.fields.map((field) => COLUMN_TYPES[field.dataTypeID] ?? ColumnTypeEnum.Text),
    rows: answer.rows,
  };
}
