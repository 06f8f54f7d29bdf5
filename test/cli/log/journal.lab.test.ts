import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventsBy } from '../../../cli/log/read.ts';
import { execVps } from '../../../lab/exec.ts';
import { withVps } from '../../lab/fixture.ts';

it('a knock that any local user writes into the journal is none', async () => {
  await withVps(async (vps) => {
    const log = (user: string, tag: string, line: string) =>
      execVps(vps, ['runuser', '-u', user, '--', 'logger', '-t', tag, '--', line]);
    await log('root', 'postern-door', 'opened for 192.0.2.1, 30 s');
    await log('nobody', 'postern-door', 'opened for 192.0.2.2, 30 s');
    await log('nobody', 'knockd', '192.0.2.3: postern-open: Stage 1');
    await log('nobody', 'fwknopd', 'Replay detected from source IP: 192.0.2.4,');
    // Root's, but of no knock engine.
    await log('root', 'knockd', '192.0.2.5: postern-open: Stage 1');
    await sleep(500);
    const ask = async (argv: readonly string[]) => (await execVps(vps, argv)).stdout;
    const { events } = await eventsBy(ask, { open: 4, close: null }, '-1h', 100);
    expect(events.map(({ event, from }) => [event, from])).toEqual([['opened', '192.0.2.1']]);
  });
});
