// What a browser asks of the world. Every browser gets this proxy, which lets nothing through and remembers the hosts.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Outside {
  readonly port: number;
  /** Hosts that were asked for, in order. */
  readonly hosts: string[];
  close(): Promise<void>;
}

/** `own` are hosts that the browser asks for by itself, whatever page it shows. */
export async function watchOutside(own: readonly string[] = []): Promise<Outside> {
  const hosts: string[] = [];
  const note = (host: string): void => {
    if (!own.includes(host.replace(/:\d+$/, ''))) hosts.push(host);
  };
  const server = createServer((request, response) => {
    note(URL.canParse(request.url ?? '') ? new URL(request.url!).host : String(request.headers.host));
    response.writeHead(502, { connection: 'close' }).end();
  });
  server.on('connect', (request, socket) => {
    note(request.url ?? '');
    socket.end('HTTP/1.1 502 Nothing is outside\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    hosts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
