import { connection } from 'next/server';
import { FirstCall } from '@/components/site/first-call';
import { PriceTable } from '@/components/site/price-table';
import { getSite } from '@/lib/services/site/get-site';

export default async function HomePage() {
  await connection();
  const { baseUrl, prices } = await getSite();
  return (
    <main className="mx-auto flex max-w-3xl flex-col gap-12 px-5 py-14 sm:py-20">
      <header className="flex flex-col gap-4">
        <p className="font-mono text-sm text-accent">SaveRouter</p>
        <h1 className="text-3xl font-semibold tracking-tight sm:text-4xl">Claude models, prepaid. Change one URL.</h1>
        <p className="max-w-xl text-lg text-muted-foreground">
          Point any Anthropic client at this gateway. Answers come back byte for byte, and each one is charged from the
          model&apos;s own usage, to the nano-dollar. An answer that breaks costs nothing.
        </p>
      </header>
      <FirstCall baseUrl={baseUrl} model={prices[0]?.model ?? 'claude-opus-4-8'} />
      <PriceTable prices={prices} />
    </main>
  );
}
