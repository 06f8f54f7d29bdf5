import { resolveAddress } from '../address.ts';
import { sendKnocks } from '../knock.ts';
import { localAddressFor } from '../local-address.ts';
import { ping } from '../ping.ts';
import { probeTcp } from '../probe.ts';
import type { Vantage } from '../vantage.ts';

/** This machine. */
export function localVantage(): Vantage {
  return {
    name: 'this machine',
    problem: async () => undefined,
    resolve: resolveAddress,
    knock: (address, sequence, gapMilliseconds) => sendKnocks({ address, sequence, gapMilliseconds }),
    probeTcp: (address, port, timeoutMilliseconds) => probeTcp({ address, port, timeoutMilliseconds }),
    ping: (address) => ping(address),
    localAddressFor,
    close: async () => {},
  };
}
