import { createServer } from 'node:net';

/** A server that hangs up as soon as a client has said which key exchanges it offers. */
export interface Eavesdropper {
  readonly port: number;
  /** The first that was offered: RFC 4253, 7.1, in the packet after the greeting; undefined: nobody came. */
  readonly firstExchange: () => string | undefined;
  readonly close: () => void;
}

/** Listens on the loopback address. */
export async function eavesdrop(): Promise<Eavesdropper> {
  let sent = Buffer.alloc(0);
  // Length of the packet and of its padding, type, cookie, length of the list.
  const list = () => sent.indexOf('\n') + 1 + 4 + 1 + 1 + 16 + 4;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('SSH-2.0-none\r\n');
    socket.on('data', (chunk) => {
      sent = Buffer.concat([sent, chunk]);
      if (sent.indexOf(',', list()) > 0) socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    firstExchange: () =>
      sent.length === 0 ? undefined : sent.subarray(list(), sent.indexOf(',', list())).toString(),
    close: () => server.close(),
  };
}
