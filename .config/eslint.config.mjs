import nextVitals from 'eslint-config-next/core-web-vitals';
import tseslint from 'typescript-eslint';

const ROOT = new URL('..', import.meta.url).pathname;
const TYPESCRIPT = ['**/*.{ts,tsx}'];
const TESTS = ['**/*.test.ts', '**/*.test.tsx', 'lib/testing/**', 'e2e/**'];

/** The layers, outermost last; each may import itself, what is listed, and packages. The table of lib/README.md. */
const LAYERS = {
  'lib/domain': [],
  'lib/contracts': ['lib/domain'],
  'lib/platform': ['lib/domain', 'lib/contracts'],
  'lib/services': ['lib/platform', 'lib/contracts', 'lib/domain'],
  'lib/http': ['lib/services', 'lib/platform', 'lib/contracts', 'lib/domain'],
  'lib/client': ['lib/contracts', 'lib/domain'],
  components: ['lib/client', 'lib/contracts', 'lib/domain'],
  app: ['components', 'lib/http', 'lib/services', 'lib/client', 'lib/contracts', 'lib/domain'],
};
const OUTSIDE = ['lib/testing', 'e2e', 'scripts', 'prisma'];

const zones = Object.entries(LAYERS).map(([layer, allowed]) => ({
  // Tests may reach for the test database and the factories from any layer.
  target: `./${layer}/**/!(*.test).{ts,tsx}`,
  from: [...Object.keys(LAYERS), ...OUTSIDE]
    .filter((other) => other !== layer && !allowed.includes(other))
    .map((other) => `./${other}`),
  message: `${layer} may import ${['itself', ...allowed].join(', ')}: see the layers in lib/README.md.`,
}));

export default tseslint.config(
  {
    ignores: [
      '.next/**',
      '.data/**',
      'node_modules/**',
      'lib/platform/prisma-client/**',
      'next-env.d.ts',
      'playwright-report/**',
      'test-results/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...nextVitals,
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: ROOT } },
    settings: { 'import/resolver': { typescript: { project: `${ROOT}tsconfig.json` } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Index signatures are read with brackets; the compiler insists on it.
      '@typescript-eslint/dot-notation': 'off',
      'import/no-cycle': ['error', { ignoreExternal: true }],
      'import/no-restricted-paths': ['error', { basePath: ROOT, zones }],
      'import/no-default-export': 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the configuration by env() of lib/platform/env.ts.' },
      ],
    },
  },
  {
    // Next, Playwright, Vitest and the other tools find these by their default export.
    files: [
      'app/**/{page,layout,template,loading,error,global-error,not-found,default,sitemap,robots,manifest,opengraph-image,icon}.{ts,tsx}',
      ...['*.ts', '.config/*.ts', 'e2e/support/global-setup.ts', 'lib/testing/postgres-for-tests.ts'],
    ],
    rules: { 'import/no-default-export': 'off' },
  },
  {
    files: ['lib/platform/env.ts', 'scripts/**', '.config/**', 'instrumentation*.ts', ...TESTS],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['scripts/**', '.config/**', ...TESTS],
    rules: { 'no-console': 'off' },
  },
  { files: TESTS, rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: ['*.mjs'], rules: { 'import/no-anonymous-default-export': 'off' } },
);
