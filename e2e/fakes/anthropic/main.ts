import { parseArgs } from 'node:util';
import { startFakeAnthropic } from './server';

/** The stand-in as a process: prints one line of JSON with its address, and ends at once when told to. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'api-key': { type: 'string' },
    'unique-ids': { type: 'boolean', default: false },
  },
});

const apiKey = values['api-key'];
const fake = await startFakeAnthropic({
  port: Number(values.port),
  uniqueIds: values['unique-ids'],
  ...(apiKey === undefined ? {} : { apiKey }),
});
process.stdout.write(`${JSON.stringify({ url: fake.url, apiKey: fake.apiKey })}\n`);

const end = () => process.exit(0);
process.on('SIGTERM', end);
process.on('SIGINT', end);
// A parent that dies without a word closes the channel; the stand-in is not to outlive it.
process.on('disconnect', end);
