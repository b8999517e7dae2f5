import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import AnthropicZero from '@anthropic-ai/sdk-0';
import { betaTool as betaToolZero } from '@anthropic-ai/sdk-0/helpers/beta/json-schema';

interface ClientOptions {
  url: string;
  key: string;
  /** None, unless said: a test sees each answer. */
  maxRetries?: number;
}

/** An official SDK as customers have it. */
export interface OfficialSdk {
  name: string;
  line: 'newest' | 'zero';
  /** The `anthropic-version` that it speaks. */
  version: string;
  /** Both lines have the calls that the specs use, so that the older one is read through the newer one's types. */
  client(options: ClientOptions): Anthropic;
  /** A tool for its runner, which answers with what `run` gives. */
  weatherTool(run: () => string | Promise<string>): BetaRunnableTool<{ location: string }>;
}

const WEATHER = {
  name: 'get_weather',
  description: 'The weather in a place.',
  inputSchema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
} as const;

/** The newest, and the line before it, which sends its key in another header and speaks the older version. */
export const SDKS: OfficialSdk[] = [
  {
    name: '@anthropic-ai/sdk 1.12',
    line: 'newest',
    version: '2026-10-21',
    client: ({ url, key, maxRetries = 0 }) => new Anthropic({ baseURL: url, apiKey: key, maxRetries }),
    weatherTool: (run) => betaTool({ ...WEATHER, run }),
  },
  {
    name: '@anthropic-ai/sdk 0.137',
    line: 'zero',
    version: '2023-06-01',
    client: ({ url, key, maxRetries = 0 }) =>
      new AnthropicZero({ baseURL: url, apiKey: key, maxRetries }) as unknown as Anthropic,
    weatherTool: (run) => betaToolZero({ ...WEATHER, run }),
  },
];
