import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { sharedStack } from './support/shared-stack';

test.beforeEach(async ({ page }) => {
  const { url } = sharedStack();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(errors).toEqual([]);
});

test("the first page shows this deployment's own address in the snippet, and the price book's prices", async ({
  page,
}) => {
  const { url } = sharedStack();
  await expect(page.getByLabel('A curl command')).toContainText(`curl ${url}/v1/messages`);
  const opus = page.getByRole('row', { name: /claude-opus-4-8/ });
  await expect(opus.getByRole('cell')).toHaveText(['$5.00', '$25.00', '$6.25', '$0.50']);
  await expect(page.getByRole('row')).toHaveCount(4);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the first page has nothing that axe objects to, in ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
}

test('the first page is not wider than its window, so that a phone needs no sideways scrolling', async ({ page }) => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

test('an address that is not there gets a page that says so', async ({ page }) => {
  const response = await page.goto(`${sharedStack().url}/nowhere`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('link', { name: /first page/i })).toBeVisible();
});
