import { test as base } from '@playwright/test';
import { startFakeAnthropic, type FakeAnthropic } from '@/e2e/fakes/anthropic/server';
import { startStack, type Stack } from './start-stack';
import { createTestAccount, type TestAccount } from './test-account';

/** A whole product that no other worker uses: all that its stand-in receives and bills is the running test's. */
export interface Wire {
  stack: Stack;
  /** In this process. Equal requests get equal answers, ids included. */
  fake: FakeAnthropic;
}

const START_TIMEOUT_MS = 90_000;
/** Rate limits are other specs' matter; here thousands of requests come within a minute. */
const NO_LIMITS = {
  RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  RATE_LIMIT_INPUT_TOKENS_PER_MINUTE: '10000000000',
  RATE_LIMIT_OUTPUT_TOKENS_PER_MINUTE: '10000000000',
  RATE_LIMIT_CONCURRENT_REQUESTS: '5000',
};

/** A test with a product of its worker's own, whose stand-in remembers no earlier test, and a customer with credit. */
export const test = base.extend<{ customer: TestAccount; forgetful: undefined }, { wire: Wire }>({
  wire: [
    async ({ playwright: _ }, provide) => {
      const fake = await startFakeAnthropic();
      const upstream = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: fake.apiKey };
      const stack = await startStack({ environment: { ...upstream, ...NO_LIMITS } });
      await provide({ stack: { ...stack, fakeUrl: fake.url }, fake });
      await stack.stop();
      await fake.close();
    },
    { scope: 'worker', timeout: START_TIMEOUT_MS },
  ],
  forgetful: [
    async ({ wire }, provide) => {
      await wire.fake.control.clearFaults();
      await wire.fake.control.clearRequests();
      await provide(undefined);
    },
    { auto: true },
  ],
  customer: async ({ wire }, provide) => {
    await provide(await createTestAccount(wire.stack));
  },
});
