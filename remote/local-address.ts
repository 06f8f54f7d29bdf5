import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

/** The address this machine would send from to reach `address`; undefined when it has no route there. Sends nothing. */
export async function localAddressFor(address: string): Promise<string | undefined> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  try {
    // Connecting a datagram socket only looks up the route.
    socket.connect(9, address);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
