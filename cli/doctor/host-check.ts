import type { OpenPort } from '../host/open-ports.ts';
import type { FleetHost } from '../stack/outputs.ts';
import { answers } from '../status/findings.ts';
import { broken, type Check, ok, unknown } from './check.ts';

/** Whether the host is up at all, from the ports that are open without a knock; `isUp`: its door has shown it. */
export function hostCheck(served: readonly OpenPort[], isUp: boolean, host: FleetHost): Check {
  const answering = served.find(({ state }) => answers(state));
  if (answering !== undefined) return ok('host', `answers at port ${answering.port} (${answering.purpose})`);
  if (isUp) return ok('host', 'is up, though no port answers without a knock');
  if (served.some(({ state }) => state === 'unreachable'))
    return broken(
      'host',
      'a router says that it cannot be reached',
      'Is the address right, and the host up? Look in the provider’s panel.',
    );
  const asked = served.filter(({ admitted }) => admitted).map(({ port }) => port);
  if (asked.length === 0)
    return unknown(
      'host',
      'it has no port that would answer without a knock',
      'Is it up? Look in the provider’s panel.',
    );
  const where =
    host.target === 'lab'
      ? 'Is it up? npx --no-install postern lab list; npm run up brings it up.'
      : 'Is it up, and is the address right? Look in the provider’s panel and at its console.';
  return broken(
    'host',
    `port ${asked.join(', ')}, which should answer without a knock, is silent as well`,
    `${where} If it is up: something on the way, such as a cloud firewall or the network you are in, drops everything.`,
  );
}
