import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const BACKLOG = 4096;

/** Lets a server of the bench listen on loopback, on the port given as the program's first argument, and says where. */
export function announce(server: Server): void {
  const port = Number(process.argv[2] ?? '0');
  server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
    console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
  });
  process.once('SIGTERM', () => process.exit(0));
}
