import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../../posture/knock/sequence.ts';
import type { TcpState } from '../../../remote/probe.ts';
import type { Vantage } from '../../../remote/vantage.ts';
import { knockDoorOpen } from '../../../transaction/verify/door.ts';
import { EvidenceLog } from '../../../transaction/verify/evidence.ts';
import {
  expectReplayIgnored,
  expectStillClosed,
  negativeChecks,
} from '../../../transaction/verify/negative-checks.ts';
import { serializer, type View } from '../../../transaction/verify/view.ts';
import { postureWith, SEQUENCES } from '../../posture/fixture.ts';

/** A host on which a knock does what `hears` says; a probe is one SYN, which is dropped while the door is shut. */
function viewOn(
  hears: (sequence: Sequence, gapMilliseconds?: number) => number | undefined,
  config: Record<string, unknown> = {},
): View & { shut: () => Promise<void> } {
  let opened = Number.POSITIVE_INFINITY;
  const vantage: Partial<Vantage> = {
    knock: async (_address, sequence, gap) => {
      opened = Math.min(opened, performance.now() + (hears(sequence, gap) ?? Number.POSITIVE_INFINITY));
    },
    probeTcp: async (_address, _port, timeout) => {
      if (performance.now() >= opened) return { state: 'open' as TcpState, rttMilliseconds: 1 };
      await sleep(timeout);
      return { state: 'silent' as TcpState, rttMilliseconds: undefined };
    },
  };
  return {
    family: 4,
    address: '192.0.2.7',
    vantage,
    posture: postureWith(config),
    sequences: SEQUENCES,
    silenceTimeout: 250,
    slowness: 1,
    gap: 5,
    serialize: serializer(),
    shut: async () => {
      opened = Number.POSITIVE_INFINITY;
    },
  } as unknown as ReturnType<typeof viewOn>;
}

/** Whose door a knock opens after so many milliseconds. */
const viewOf = (milliseconds: number, config = {}) => viewOn(() => milliseconds, config);

/** A daemon that opens for a packet that it has not seen, or for any; it hears those that do not get lost. */
function packetDaemon({
  forgetful = false,
  lost = () => false,
}: {
  forgetful?: boolean;
  lost?: (index: number) => boolean;
} = {}) {
  const seen = new Set<string>();
  let index = 0;
  return (sequence: Sequence) => {
    const heard = sequence.filter(() => !lost(index++)).map(({ payload = '' }) => payload);
    const opens = heard.some((payload) => forgetful || !seen.has(payload));
    for (const payload of heard) seen.add(payload);
    return opens ? 5 : undefined;
  };
}

const packet = (payload: string): Sequence => [{ port: 17_123, protocol: 'udp', payload }];

/** Tries what must open nothing, after a change from `replaced`; the checks that were made. */
async function tried(view: View, replaced: Sequence | undefined, reaction?: number): Promise<string[]> {
  const log = new EvidenceLog(4);
  await expectStillClosed(view, log, negativeChecks(view, replaced), reaction);
  return log.evidence.map(({ check }) => check.replace('ssh port 22 after ', ''));
}

const OLD: Sequence = [...SEQUENCES.open].reverse();
const sameFirst = (one: Sequence, other: Sequence) => one[0]?.port === other[0]?.port;

describe('a sequence that has to open nothing', () => {
  it('is written down when it opens nothing', async () => {
    const silent = viewOf(Number.POSITIVE_INFINITY);
    expect(await tried(silent, undefined)).toEqual(['a wrong sequence']);
    expect(await tried(silent, OLD)).toEqual(['a wrong sequence', 'the old sequence']);
  });

  it.each([5, 250])('is found out when a daemon opens for it after %i ms', async (milliseconds) => {
    await expect(tried(viewOf(milliseconds), undefined)).rejects.toThrow(
      /after a wrong sequence .*expected silent, saw open/,
    );
    const forOld = viewOn((sequence) => (sameFirst(sequence, OLD) ? milliseconds : undefined));
    await expect(tried(forOld, OLD)).rejects.toThrow(/after the old sequence .*expected silent, saw open/);
  });

  it('is looked at for twice as long as the right one took', async () => {
    expect(await tried(viewOf(700), undefined, 140)).toEqual(['a wrong sequence']);
    await expect(tried(viewOf(700), undefined, 450)).rejects.toThrow(/after a wrong sequence .*saw open/);
  });

  it('is sent as over an unknown path: a short pause could put its order right on the way', async () => {
    const gaps: unknown[] = [];
    await tried(
      viewOn((_sequence, gap) => void gaps.push(gap)),
      OLD,
    );
    expect(gaps).toEqual([20, 20]);
  });

  it.each([
    [900, { firewall: { backend: 'firewalld' } }],
    [1500, { knock: { door: 'held' } }],
  ])('is looked at for as long as the door may take: %i ms with %o', async (milliseconds, config) => {
    await expect(tried(viewOf(milliseconds, config), undefined)).rejects.toThrow(/expected silent, saw open/);
  });
});

it('the time that the right sequence took is known', async () => {
  const { latency } = await knockDoorOpen(viewOf(300), new EvidenceLog(4));
  expect(latency).toBeGreaterThan(300);
});

describe('a single packet that is sent again', () => {
  const replayed = async (view: ReturnType<typeof viewOn>, packets: Sequence) => {
    const log = new EvidenceLog(4);
    let shut = 0;
    await expectReplayIgnored(view, log, packets, async () => {
      shut++;
      await view.shut();
    });
    return { shut, checks: log.evidence.map(({ check }) => check) };
  };
  /** Knocks until the host opens, as before every replay, and shuts it. */
  const opened = async (view: ReturnType<typeof viewOn>, packets: Sequence) => {
    const sequences = { ...SEQUENCES, open: packets };
    const found = await knockDoorOpen({ ...view, sequences }, new EvidenceLog(4));
    await view.shut();
    return found.packets;
  };

  it('is found out where the daemon takes it, also when two of three get lost', async () => {
    const view = viewOn(packetDaemon({ forgetful: true, lost: (index) => index === 1 || index === 2 }));
    const packets = await opened(view, packet('one'));
    expect(packets).toEqual(packet('one'));
    await expect(replayed(view, packets)).rejects.toThrow(
      /after the packet that opened it was sent again, 3 times .*saw open/,
    );
  });

  it('is written down with how often it was sent', async () => {
    const view = viewOn(packetDaemon());
    expect(await replayed(view, await opened(view, packet('one')))).toEqual({
      shut: 0,
      checks: ['ssh port 22 after the packet that opened it was sent again, 3 times'],
    });
  });

  it('is no fault where it had never arrived before: of several tries, an unseen one may open, once', async () => {
    // The first was late and opened; the second got lost.
    const view = viewOn(packetDaemon({ lost: (index) => index === 1 }));
    const packets = [...packet('one'), ...packet('two')];
    for (const one of packets) await view.vantage.knock('', [one]);
    await view.shut();
    expect(await replayed(view, packets)).toEqual({
      shut: 1,
      checks: ['ssh port 22 after all 2 packets were sent again, 3 times'],
    });
  });

  it('is found out after several tries, too', async () => {
    const view = viewOn(packetDaemon({ forgetful: true, lost: (index) => index === 0 }));
    const packets = await opened(view, packet('one'));
    expect(packets).toHaveLength(2);
    await expect(replayed(view, packets)).rejects.toThrow(/after all 2 packets .*saw open/);
  });
});
