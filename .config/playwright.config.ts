import { defineConfig, devices } from '@playwright/test';

// Set by the global setup; the workers, which read this file again, find it.
const chromium = process.env['E2E_CHROMIUM'];
const launchOptions = {
  ...(chromium === undefined ? {} : { executablePath: chromium }),
  args: [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
  ],
};
const inBrowsers = '**/*.browser.spec.ts';

/** The whole product, as it was built, with the fake upstream: one stack for the run, on free ports. */
export default defineConfig({
  testDir: '../e2e',
  outputDir: '../test-results',
  globalSetup: '../e2e/support/global-setup.ts',
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  reporter: 'list',
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'gateway', testMatch: '**/*.spec.ts', testIgnore: inBrowsers },
    { name: 'desktop', testMatch: inBrowsers, use: { ...devices['Desktop Chrome'], launchOptions } },
    { name: 'phone', testMatch: inBrowsers, use: { ...devices['Pixel 7'], launchOptions } },
  ],
});
