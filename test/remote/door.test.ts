import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { awaitOpen, awaitSilence, knockUntil } from '../../remote/door.ts';
import type { TcpState } from '../../remote/probe.ts';

const sequence: Sequence = [7001, 7003, 7002].map((port) => ({ port, protocol: 'tcp' }));

/** A door that is in these states at one probe after the other, and stays in the last. */
function doorThatIs(...states: TcpState[]) {
  const patience: number[] = [];
  const vantage = {
    probeTcp: async (_address: string, _port: number, timeoutMilliseconds: number) => {
      patience.push(timeoutMilliseconds);
      const state = (states.length > 1 ? states.shift() : states[0]) ?? 'silent';
      return { state, rttMilliseconds: undefined };
    },
  };
  return { door: { vantage, address: '192.0.2.1', port: 22 }, patience };
}

describe('knocking until that helps', () => {
  it.each([1, 3])('ends with what knock %i brought', async (useful) => {
    const knocked = await knockUntil({
      sequence,
      send: async () => {},
      check: async (attempt) => (attempt === useful ? 'a connection' : undefined),
      attempts: 3,
      pause: 1,
    });
    expect(knocked).toMatchObject({ found: 'a connection', knocks: useful });
  });

  it('ends when it was tried often enough, with pauses between and none after', async () => {
    const sent: number[] = [];
    const looks: number[] = [];
    const send = async () => {
      sent.push(performance.now());
    };
    const look = async () => {
      looks.push(performance.now());
      return undefined;
    };
    expect(await knockUntil({ sequence, send, check: look, attempts: 3, pause: 50 })).toBeUndefined();
    const [first = 0, second = 0, third = 0] = looks;
    const after = (time: number) => (sent.find((at) => at > time) ?? 0) - time;
    expect(looks).toHaveLength(3);
    expect(after(first)).toBeGreaterThanOrEqual(49);
    expect(after(second)).toBeGreaterThanOrEqual(98);
    expect(performance.now() - third).toBeLessThan(40);
  });

  it('sends the sequence in another way each time, and tells the look how often', async () => {
    const sent: unknown[] = [];
    const send = async (knocks: Sequence, gap: number) =>
      void sent.push([knocks.map(({ port }) => port), gap]);
    const looks: number[] = [];
    const look = async (attempt: number) => void looks.push(attempt);
    await knockUntil({ sequence, send, check: look, attempts: 3, pause: 1 });
    expect(looks).toEqual([1, 2, 3]);
    expect(sent[0]).toEqual([[7001, 7003, 7002], 20]);
    const again = (slow: number) => [0, 2, 0, 4, 0, slow].map((gap) => [[7002, 7001, 7003, 7002], gap]);
    expect(sent.slice(1)).toEqual([...again(60), ...again(100)]);
  });

  it('ends at once when a knock cannot be sent', async () => {
    const send = () => Promise.reject(new Error('no route'));
    await expect(knockUntil({ sequence, send, check: async () => true, attempts: 3 })).rejects.toThrow(
      'no route',
    );
  });
});

describe('waiting for a door', () => {
  it('to open asks in short probes that grow', async () => {
    const { door, patience } = doorThatIs('silent', 'silent', 'open');
    expect(await awaitOpen(door, 10_000)).toBe('open');
    expect(patience).toEqual([60, 120, 240]);
  });

  it('to open goes on in short ones where the way there is known to be short', async () => {
    const looks = async (roundTrip: number) => {
      const { door, patience } = doorThatIs(...Array<TcpState>(9).fill('silent'), 'open');
      expect(await awaitOpen({ ...door, roundTrip }, 10_000)).toBe('open');
      return patience;
    };
    expect(await looks(0.3)).toEqual([...Array<number>(8).fill(60), 120, 240]);
    expect((await looks(21)).slice(0, 4)).toEqual([60, 120, 240, 480]);
  });

  it('to open gives what was seen when it stays shut', async () => {
    const { door, patience } = doorThatIs('refused');
    expect(await awaitOpen(door, 100)).toBe('refused');
    expect(patience.length).toBeLessThan(4);
  });

  it('to close takes silence for closed and nothing else', async () => {
    expect(await awaitSilence(doorThatIs('open', 'refused', 'silent').door, 5, 1000)).toBe('silent');
    expect(await awaitSilence(doorThatIs('open').door, 5, 100)).toBe('open');
    expect(await awaitSilence(doorThatIs('refused').door, 5, 100)).toBe('refused');
  });
});
