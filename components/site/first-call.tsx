/** The shortest request that shows the gateway at work, with this deployment's own address. */
export function FirstCall({ baseUrl, model }: { baseUrl: string; model: string }) {
  const snippet = `curl ${baseUrl}/v1/messages \\
  -H "x-api-key: $SAVEROUTER_API_KEY" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d '{"model": "${model}", "max_tokens": 256,
       "messages": [{"role": "user", "content": "Hello"}]}'`;
  return (
    <section aria-labelledby="first-call" className="flex flex-col gap-3">
      <h2 id="first-call" className="text-xl font-semibold">
        First call
      </h2>
      <pre
        tabIndex={0}
        aria-label="A curl command"
        className="overflow-x-auto rounded-lg border border-border bg-muted p-4 font-mono text-sm leading-6"
      >
        <code>{snippet}</code>
      </pre>
      <p className="text-sm text-muted-foreground">
        With an SDK, <code className="font-mono">{baseUrl}</code> is the base URL and your SaveRouter key the API key.
      </p>
    </section>
  );
}
