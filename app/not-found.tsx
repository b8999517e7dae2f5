import Link from 'next/link';

export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-3xl flex-col gap-4 px-5 py-20">
      <h1 className="text-3xl font-semibold tracking-tight">There is no page here</h1>
      <p className="text-muted-foreground">
        The address may be mistyped.{' '}
        <Link href="/" className="text-accent underline">
          Go to the first page
        </Link>
        , or check your base URL: the API answers under <code className="font-mono">/v1</code>.
      </p>
    </main>
  );
}
