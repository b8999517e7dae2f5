/** Every spelling of an API path that clients use, for hosts that route by Next alone; our own server normalises first. */
const tolerantPaths = ['messages', 'messages/count_tokens', 'models', 'models/:id'].flatMap((resource) => [
  { source: `/${resource}`, destination: `/v1/${resource}` },
  { source: `/v1/v1/${resource}`, destination: `/v1/${resource}` },
]);

const securityHeaders = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'referrer-policy', value: 'strict-origin-when-cross-origin' },
  { key: 'x-frame-options', value: 'DENY' },
  { key: 'permissions-policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
  { key: 'cross-origin-opener-policy', value: 'same-origin' },
];

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // Compression would hold stream events back; a proxy in front may compress pages.
  compress: false,
  reactStrictMode: true,
  // A redirect would cost a POST its body.
  skipTrailingSlashRedirect: true,
  serverExternalPackages: ['pg', 'ioredis', 'undici', 'pino'],
  images: { unoptimized: true },
  // `npm run verify` checks types; a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  rewrites: () => Promise.resolve({ beforeFiles: tolerantPaths, afterFiles: [], fallback: [] }),
  headers: () => Promise.resolve([{ source: '/((?!v1/).*)', headers: securityHeaders }]),
};

export default config;
