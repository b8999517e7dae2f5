import { startChild } from './child';

export interface DemoKey {
  key: string;
  balanceNano: bigint;
}

/**
 * A key with credit for whoever tries SaveRouter on their own machine. Made by a process of its own, which takes its
 * database connections with it when it ends.
 */
export async function demoKey(): Promise<DemoKey> {
  let output = '';
  const child = startChild({
    name: 'the demo account',
    script: 'scripts/prepare-demo.ts',
    onOutput: (text) => (output += text),
  });
  const how = await child.ended;
  const line = output.split('\n').find((text) => text.startsWith('{"key"'));
  if (line === undefined) throw new Error(`The demo account could not be made (${how}):\n${output}`);
  const { key, balanceNano } = JSON.parse(line) as { key: string; balanceNano: string };
  return { key, balanceNano: BigInt(balanceNano) };
}
