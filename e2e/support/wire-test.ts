import { test as base } from '@playwright/test';
import pg from 'pg';
import { startFakeAnthropic, type FakeAnthropic } from '../fakes/anthropic/server';
import { newCustomer, type Customer } from './customer';
import { startStack, type Stack } from './start-stack';

/** A whole product and a stand-in that nobody else uses, so that all it received and billed is the running test's. */
export interface WireStack {
  gateway: Stack;
  /** Gives equal answers, ids included, to equal requests. */
  fake: FakeAnthropic;
  database: pg.Pool;
}

const START_TIMEOUT_MS = 90_000;
/** Limits are other specs' matter; here thousands of requests come within a minute. */
const NO_LIMITS = {
  RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
  RATE_LIMIT_INPUT_TOKENS_PER_MINUTE: '10000000000',
  RATE_LIMIT_OUTPUT_TOKENS_PER_MINUTE: '10000000000',
  RATE_LIMIT_CONCURRENT_REQUESTS: '2000',
};

/** A Playwright test with a stack for its worker and a customer with credit for itself. */
export const test = base.extend<{ customer: Customer; clean: undefined }, { wire: WireStack }>({
  wire: [
    // eslint-disable-next-line no-empty-pattern -- placeholder
    async ({}, use) => {
      const fake = await startFakeAnthropic({ apiKey: 'sk-ant-wire' });
      const upstream = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: fake.apiKey };
      const gateway = await startStack({ environment: { ...upstream, ...NO_LIMITS } });
      const database = new pg.Pool({ connectionString: gateway.databaseUrl, max: 4 });
      await use({ gateway, fake, database });
      await database.end();
      await gateway.stop();
      await fake.close();
    },
    { scope: 'worker', timeout: START_TIMEOUT_MS },
  ],
});
