import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../../posture/knock/sequence.ts';
import type { TcpState } from '../../../remote/probe.ts';
import type { Vantage } from '../../../remote/vantage.ts';
import { openDoor } from '../../../transaction/verify/door.ts';
import { Witness } from '../../../transaction/verify/evidence.ts';
import {
  lookLonger,
  tryOldSequence,
  tryReplay,
  tryWrongSequence,
} from '../../../transaction/verify/in-vain.ts';
import { oneAtATime, type View } from '../../../transaction/verify/view.ts';
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
    silence: 250,
    gap: 5,
    alone: oneAtATime(),
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

describe('a sequence that has to open nothing', () => {
  it.each([5, 250])('is found out when a daemon opens for it after %i ms', async (milliseconds) => {
    const view = viewOf(milliseconds);
    await expect(tryOldSequence(view, new Witness(4), SEQUENCES.open)).rejects.toThrow(
      /after the old sequence .*expected silent, saw open/,
    );
    await expect(tryWrongSequence(viewOf(milliseconds), new Witness(4))).rejects.toThrow(
      /after a wrong sequence .*expected silent, saw open/,
    );
  });

  const longer = async (view: View, replaced: Sequence | undefined, reaction: number) => {
    const witness = new Witness(4);
    await lookLonger(view, witness, replaced, reaction);
    return witness.evidence.map(({ check }) => check.replace('ssh port 22 after ', ''));
  };

  it('is looked at again where the right one took longer than it was looked at', async () => {
    const silent = viewOf(Number.POSITIVE_INFINITY);
    expect(await longer(silent, SEQUENCES.open, 290)).toEqual([]);
    expect(await longer(silent, SEQUENCES.open, 310)).toEqual(['a wrong sequence', 'the old sequence']);
  });

  it('is found out then, which it was not before', async () => {
    await expect(tryWrongSequence(viewOf(700), new Witness(4))).resolves.toBeUndefined();
    await expect(longer(viewOf(700), undefined, 450)).rejects.toThrow(/after a wrong sequence .*saw open/);
    const forOld = viewOn((sequence) => (sequence[0]?.port === SEQUENCES.open[0]?.port ? 700 : undefined));
    await expect(longer(forOld, SEQUENCES.open, 450)).rejects.toThrow(/after the old sequence .*saw open/);
  });

  it('is written down as silent when it opens nothing', async () => {
    const witness = new Witness(4);
    await tryWrongSequence(viewOf(Number.POSITIVE_INFINITY), witness);
    expect(witness.evidence).toMatchObject([{ expected: 'silent', seen: 'silent' }]);
  });
});

it('the time that the right sequence took is known', async () => {
  const { reaction } = await openDoor(viewOf(300), new Witness(4));
  expect(reaction).toBeGreaterThan(300);
});

describe('a sequence in vain', () => {
  it('is sent as over an unknown path: a short pause could put its order right on the way', async () => {
    const gaps: unknown[] = [];
    const view = viewOn((_sequence, gap) => void gaps.push(gap));
    await tryWrongSequence(view, new Witness(4));
    await tryOldSequence(view, new Witness(4), SEQUENCES.open);
    expect(gaps).toEqual([20, 20]);
  });

  it.each([
    [900, { firewall: { backend: 'firewalld' } }],
    [1500, { knock: { door: 'held' } }],
  ])('is looked at for as long as the door may take: %i ms with %o', async (milliseconds, config) => {
    await expect(
      tryOldSequence(viewOf(milliseconds, config), new Witness(4), SEQUENCES.open),
    ).rejects.toThrow(/expected silent, saw open/);
  });
});

describe('a single packet that is sent again', () => {
  const tried = async (view: ReturnType<typeof viewOn>, packets: Sequence) => {
    const witness = new Witness(4);
    let shut = 0;
    await tryReplay(view, witness, packets, async () => {
      shut++;
      await view.shut();
    });
    return { shut, checks: witness.evidence.map(({ check }) => check) };
  };
  /** Knocks until the host opens, as before every replay, and shuts it. */
  const opened = async (view: ReturnType<typeof viewOn>, packets: Sequence) => {
    const sequences = { ...SEQUENCES, open: packets };
    const found = await openDoor({ ...view, sequences }, new Witness(4));
    await view.shut();
    return found.packets;
  };

  it('is found out where the daemon takes it, also when two of three get lost', async () => {
    const view = viewOn(packetDaemon({ forgetful: true, lost: (index) => index === 1 || index === 2 }));
    const packets = await opened(view, packet('one'));
    expect(packets).toEqual(packet('one'));
    await expect(tried(view, packets)).rejects.toThrow(
      /after the packet that opened it was sent again, 3 times .*saw open/,
    );
  });

  it('is written down with how often it was sent', async () => {
    const view = viewOn(packetDaemon());
    expect(await tried(view, await opened(view, packet('one')))).toEqual({
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
    expect(await tried(view, packets)).toEqual({
      shut: 1,
      checks: ['ssh port 22 after all 2 packets were sent again, 3 times'],
    });
  });

  it('is found out after several tries, too', async () => {
    const view = viewOn(packetDaemon({ forgetful: true, lost: (index) => index === 0 }));
    const packets = await opened(view, packet('one'));
    expect(packets).toHaveLength(2);
    await expect(tried(view, packets)).rejects.toThrow(/after all 2 packets .*saw open/);
  });
});
