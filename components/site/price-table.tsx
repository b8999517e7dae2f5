import type { OfferedPrice } from '@/lib/contracts/site';

const COLUMNS = ['Input', 'Output', 'Cache write', 'Cache read'] as const;

/** What each model costs per million tokens, as the price book says now. */
export function PriceTable({ prices }: { prices: readonly OfferedPrice[] }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 id="prices" className="text-xl font-semibold">
        Prices
      </h2>
      <div
        className="overflow-x-auto rounded-lg border border-border"
        tabIndex={0}
        role="region"
        aria-labelledby="prices"
      >
        <table className="w-full text-left text-sm tabular-nums">
          <caption className="sr-only">US dollars per million tokens</caption>
          <thead className="bg-muted text-muted-foreground">
            <tr>
              <th scope="col" className="px-4 py-2 font-medium">
                Model
              </th>
              {COLUMNS.map((column) => (
                <th key={column} scope="col" className="px-4 py-2 text-right font-medium">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {prices.map(({ model, inputUsd, outputUsd, cacheWriteUsd, cacheReadUsd }) => (
              <tr key={model} className="border-t border-border">
                <th scope="row" className="whitespace-nowrap px-4 py-2 font-mono font-normal">
                  {model}
                </th>
                {[inputUsd, outputUsd, cacheWriteUsd, cacheReadUsd].map((usd, index) => (
                  <td key={COLUMNS[index]} className="px-4 py-2 text-right">
                    ${usd}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-sm text-muted-foreground">
        US dollars per million tokens. No minimum, no plan, no subscription: 1 credit is 1 USD.
      </p>
    </section>
  );
}
