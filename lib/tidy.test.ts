import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** What is not ours, or is made by a tool. */
const IGNORED = new Set([
  '.git',
  '.next',
  '.data',
  'node_modules',
  'prisma-client',
  'test-results',
  'playwright-report',
]);

interface SourceFile {
  path: string;
  text: string;
  imports: string[];
}

const files = walk('.').sort();
const sources = files.filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && file !== 'next-env.d.ts').map(readSource);
const isTest = (file: string) =>
  /\.(?:test|spec)\.tsx?$/.test(file) || /^(?:e2e|lib\/testing|scripts\/bench)\//.test(file);
const product = sources.filter((source) => !isTest(source.path));

describe('the tree', () => {
  it('has nothing at its top but what people and tools expect there', () => {
    const expected = [
      ...['app', 'components', 'e2e', 'lib', 'prisma', 'public', 'scripts', '.ci', '.config', '.github', 'docs'],
      ...[
        'README.md',
        'LICENSE',
        'Dockerfile',
        'compose.yaml',
        '.dockerignore',
        '.env.example',
        '.gitignore',
        '.npmrc',
      ],
      ...['package.json', 'package-lock.json', 'next.config.mjs', 'postcss.config.mjs', 'tailwind.config.ts'],
      ...['tsconfig.json', 'next-env.d.ts', 'instrumentation.ts', '.env', '.env.local'],
    ];
    const found = [...new Set(files.map((file) => file.split('/')[0] ?? ''))];
    expect(found.filter((entry) => !expected.includes(entry))).toEqual([]);
  });

  it('is looked at here: the walk finds the files that these rules are about', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(files).toContain('lib/tidy.test.ts');
    expect(files.some((file) => file.startsWith('.config/'))).toBe(true);
  });
});

describe('names', () => {
  const named = files.filter((file) => /^(?:app|components|e2e|lib|scripts)\//.test(file));
  const words = (file: string) => file.split('/').flatMap((part) => bare(part).split(/[-.]/));

  it('are kebab-case', () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/;
    // The paths of Anthropic's API are spelled as Anthropic spells them.
    const own = named.filter((file) => !file.startsWith('app/v1/'));
    const wrong = own.filter(
      (file) => !file.split('/').every((part) => kebab.test(bare(part)) || part === 'README.md'),
    );
    expect(wrong).toEqual([]);
  });

  it('say what is inside: no utils, helpers, misc, manager, data, common or shared', () => {
    const vague = ['util', 'utils', 'helper', 'helpers', 'misc', 'manager', 'common'];
    const wrong = named.filter(
      (file) => words(file).some((word) => vague.includes(word)) || /(?:^|\/)(?:data|shared)(?:\.|\/)/.test(file),
    );
    expect(wrong).toEqual([]);
  });

  it('of the verbs are what they export', () => {
    const verbs = product.filter((source) => /^lib\/services\/[^/]+\/[^/]+\.ts$/.test(source.path));
    expect(verbs.length).toBeGreaterThan(10);
    const wrong = verbs.filter(({ path: file, text }) => !exportsName(text, camelCase(path.basename(file, '.ts'))));
    expect(wrong.map((source) => source.path)).toEqual([]);
  });
});

describe('files', () => {
  it('are no longer than 300 lines', () => {
    const long = product.filter((source) => source.text.split('\n').length > 301);
    expect(long.map((source) => source.path)).toEqual([]);
  });

  it('are imported from directly: there are no barrels', () => {
    const barrels = sources.filter(
      (source) => /(?:^|\/)index\.tsx?$/.test(source.path) || /^export \* from/m.test(source.text),
    );
    expect(barrels.map((source) => source.path)).toEqual([]);
  });

  it('of routes are thin: a door and a verb', () => {
    const fat = product.filter(
      (source) => /^app\/.*\/route\.ts$/.test(source.path) && source.text.trim().split('\n').length > 15,
    );
    expect(fat.map((source) => source.path)).toEqual([]);
  });
});

describe('the layers', () => {
  it("keep the domain pure: it imports itself and Node's pure crypto and zlib, and reads neither clock nor environment", () => {
    const domain = product.filter((source) => source.path.startsWith('lib/domain/'));
    expect(domain.length).toBeGreaterThan(5);
    const imports = domain.flatMap((source) => source.imports.map((name) => `${source.path}: ${name}`));
    expect(imports.filter((line) => !/: (?:\.\/|@\/lib\/domain\/|node:(?:crypto|zlib)$)/.test(line))).toEqual([]);
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bprocess\.|\bMath\.random\(|\bfetch\(|\bset(?:Timeout|Interval)\(/;
    expect(domain.filter((source) => impure.test(withoutComments(source.text))).map((source) => source.path)).toEqual(
      [],
    );
  });

  it('keep the contracts to zod and the domain', () => {
    const contracts = product.filter((source) => source.path.startsWith('lib/contracts/'));
    const imports = contracts.flatMap((source) => source.imports.map((name) => `${source.path}: ${name}`));
    expect(imports.filter((line) => !/: (?:\.\/|@\/lib\/(?:domain|contracts)\/|zod$)/.test(line))).toEqual([]);
  });

  it('never let the lib import the pages, nor the product its tests', () => {
    const wrong = product.flatMap((source) =>
      source.imports
        .filter(
          (name) =>
            /^@\/(?:e2e|lib\/testing)\//.test(name) ||
            (source.path.startsWith('lib/') && /^@\/(?:app|components)\//.test(name)),
        )
        .map((name) => `${source.path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['pg', /^pg(?:\/|$)/, /^lib\/platform\/[^/]+\.ts$/],
    ['Prisma', /^@prisma\/|^prisma(?:\/|$)|prisma-client/, /^(?:lib\/platform\/[^/]+\.ts|\.config\/prisma\.ts)$/],
    ['undici', /^undici$/, /^lib\/platform\/upstream\//],
    ['ioredis', /^ioredis$/, /^lib\/platform\/rate-limit\//],
    ['Upstash', /^@upstash\//, /^lib\/platform\/rate-limit\//],
    ['pino', /^pino$/, /^lib\/platform\/log\.ts$/],
    ['Next’s server', /^next$/, /^(?:scripts\/server\.ts|next\.config\.mjs|app\/.*|components\/.*)$/],
  ])('let only its adapter import %s', (_library, name, adapter) => {
    const importers = product.filter((source) => source.imports.some((imported) => name.test(imported)));
    expect(importers.map((source) => source.path).filter((file) => !adapter.test(file))).toEqual([]);
  });
});

describe('the code', () => {
  // Written in pieces, so that this file does not find itself.
  const silenced = [
    ['as', 'any\\b'].join(' '),
    '[:<(|&] ?any\\b(?!\\s*[a-z])',
    '@ts-' + '(?:ignore|nocheck|expect-error)',
    'eslint-' + 'disable',
    '\\b(?:it|test|describe)\\.(?:skip|only|todo)' + '\\(',
    '\\b(?:TO' + 'DO|FIX' + 'ME|X' + 'XX)\\b',
  ];

  it.each(silenced)('holds nothing silenced, skipped or unfinished: %s', (pattern) => {
    const typed = sources.filter((source) => /\.tsx?$/.test(source.path));
    const comments = /^@ts|^eslint|TO/.test(pattern);
    const wrong = typed.filter((source) =>
      new RegExp(pattern).test(comments ? source.text : withoutComments(source.text)),
    );
    expect(wrong.map((source) => source.path)).toEqual([]);
  });

  it('stands alone: no path of anybody’s machine and no package registry', () => {
    const foreign = new RegExp(
      [
        ...['work', 'farm', 'home', 'root', 'Users'].map((folder) => `(?<![\\w.*@])/${folder}/`),
        ...['\\.\\./sha' + 'red', 'registry\\.npm' + 'js', 'npm' + 'mirror', 'artifac' + 'tory', 'verdac' + 'cio'],
      ].join('|'),
    );
    const texts = files.filter((file) => !/\.(?:png|ico|jpg|webp|woff2?)$/.test(file) && !file.startsWith('.env'));
    expect(texts.filter((file) => foreign.test(fs.readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('locks packages without saying where one machine got them from', () => {
    expect(fs.readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved": "http');
  });
});

function walk(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name)) return [];
    const file = path.posix.join(folder, entry.name);
    return entry.isDirectory() ? walk(file) : [file];
  });
}

function readSource(file: string): SourceFile {
  const text = fs.readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/(?:\bfrom|^import|\bimport\()\s*['"]([^'"]+)['"]/gm)].map(
    (match) => match[1] ?? '',
  );
  return { path: file, text, imports };
}

/** A file's or folder's own name: Next writes `[id]`, `(site)` and `[...rest]` around some. */
function bare(part: string): string {
  return part.replace(/^\[+(?:\.\.\.)?|\]+$|^\(|\)$/g, '').replace(/^[._]/, '');
}

function camelCase(kebab: string): string {
  return kebab.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** As a function or a constant of that name, or a type of it. */
function exportsName(text: string, name: string): boolean {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  return new RegExp(
    `^export (?:async )?(?:function\\*?|const|class|interface|type) (?:${name}|${typeName})\\b`,
    'm',
  ).test(text);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
