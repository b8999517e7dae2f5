import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@/lib/testing/database';
import { dropDatabase, withConnection } from './database-admin';
import { applyMigrations } from './migrate';

describe('applyMigrations', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(path.join(os.tmpdir(), 'saverouter-migrations-'));
    await query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  });

  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('applies what is new, in order, and nothing the second time', async () => {
    write('1_first', 'CREATE TABLE first (id INT)');
    write('2_second', 'ALTER TABLE first ADD COLUMN name TEXT');
    expect(await applyMigrations(database.url, folder)).toEqual(['1_first', '2_second']);
    expect(await applyMigrations(database.url, folder)).toEqual([]);
  });

  it('applies each migration once when several processes start at the same time', async () => {
    write('1_first', 'CREATE TABLE first (id INT)');
    write('2_second', 'CREATE TABLE second (id INT)');
    const runs = await Promise.all(Array.from({ length: 5 }, () => applyMigrations(database.url, folder)));
    expect(runs.flat().sort()).toEqual(['1_first', '2_second']);
  });

  it('creates a missing database, also when several processes find it missing', async () => {
    write('1_first', 'CREATE TABLE first (id INT)');
    const url = new URL(inject('templateDatabaseUrl'));
    url.pathname = `/made_by_migrations_${String(process.pid)}`;
    try {
      const runs = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(url.toString(), folder)));
      expect(runs.flat()).toEqual(['1_first']);
    } finally {
      await dropDatabase(url.toString());
    }
  });

  it('refuses a migration that was changed after it had been applied, and leaves the database alone', async () => {
    write('1_first', 'CREATE TABLE first (id INT)');
    await applyMigrations(database.url, folder);
    write('1_first', 'CREATE TABLE first (id BIGINT)');
    write('2_second', 'CREATE TABLE second (id INT)');
    await expect(applyMigrations(database.url, folder)).rejects.toThrow(/1_first was changed after/);
    await expect(query('SELECT * FROM second')).rejects.toThrow(/does not exist/);
  });

  it('undoes a migration that fails half-way, says why, and refuses to go on until somebody looked', async () => {
    write('1_first', 'CREATE TABLE first (id INT); SELECT 1/0;');
    await expect(applyMigrations(database.url, folder)).rejects.toThrow('Migration 1_first failed: division by zero');
    await expect(query('SELECT * FROM first')).rejects.toThrow(/does not exist/);
    write('1_first', 'CREATE TABLE first (id INT)');
    await expect(applyMigrations(database.url, folder)).rejects.toThrow(/1_first failed earlier/);
    await query('UPDATE _prisma_migrations SET rolled_back_at = now()');
    expect(await applyMigrations(database.url, folder)).toEqual(['1_first']);
  });

  it('makes the coming partitions on every call, not only when something was applied', async () => {
    write(
      '1_first',
      `CREATE TABLE calls (id INT);
       CREATE FUNCTION ensure_usage_partitions() RETURNS void LANGUAGE sql AS $$ INSERT INTO calls VALUES (1) $$`,
    );
    await applyMigrations(database.url, folder);
    await applyMigrations(database.url, folder);
    expect(await query('SELECT * FROM calls')).toHaveLength(2);
  });

  function write(name: string, sql: string): void {
    mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(folder, name, 'migration.sql'), sql);
  }

  function query(sql: string): Promise<unknown[]> {
    return withConnection(database.url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
  }
});
