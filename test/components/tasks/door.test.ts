import { describe, expect, it } from 'vitest';
import { closeTaskDoor, openTaskDoor } from '../../../components/tasks/door.ts';
import { fakeHost } from './fake-host.ts';

describe('the door before and after a task', () => {
  it('is open once the knock has worked, and closed again by the closing one', async () => {
    const { port, sequences, knocks, isOpen } = await fakeHost();
    const door = { host: 'node-1', address: '127.0.0.1', port, sequences };
    await openTaskDoor(door);
    expect(isOpen()).toBe(true);
    await closeTaskDoor(door);
    expect(isOpen()).toBe(false);
    expect(knocks).toEqual(['open', 'close']);
  });

  it('is knocked at again when a knock got lost', async () => {
    const host = await fakeHost();
    host.ignore(1);
    await openTaskDoor({
      host: 'node-1',
      address: '127.0.0.1',
      port: host.port,
      sequences: host.sequences,
      reactionMilliseconds: 300,
    });
    expect(host.knocks.length).toBeGreaterThan(1);
    expect(new Set(host.knocks)).toEqual(new Set(['open']));
    expect(host.isOpen()).toBe(true);
  });

  it('is knocked at again when the closing knock got lost', async () => {
    const host = await fakeHost();
    const door = {
      host: 'node-1',
      address: '127.0.0.1',
      port: host.port,
      sequences: host.sequences,
      reactionMilliseconds: 300,
    };
    await openTaskDoor(door);
    host.ignore(1);
    await closeTaskDoor(door);
    expect(host.knocks.slice(0, 3)).toEqual(['open', 'close', 'close']);
    expect(host.knocks.slice(3).every((knock) => knock === 'close')).toBe(true);
    expect(host.isOpen()).toBe(false);
  });

  it('is reached by name as well', async () => {
    const { port, sequences, isOpen } = await fakeHost();
    await openTaskDoor({ host: 'node-1', address: 'localhost', port, sequences });
    expect(isOpen()).toBe(true);
  });

  it('that stays closed is an error which names host and address, and no port of the sequence', async () => {
    const host = await fakeHost();
    host.ignore(100);
    const { port, sequences } = host;
    const door = { host: 'node-1', address: '127.0.0.1', port, sequences, reactionMilliseconds: 100 };
    const failure = await openTaskDoor(door).catch(String);
    expect(failure).toContain('the door of node-1 stays closed after 5 knocks at 127.0.0.1');
    for (const knock of sequences.open) expect(failure).not.toContain(String(knock.port));
    // Once, and then four times in bursts and slowly.
    expect(host.knocks).toHaveLength(25);
  });

  it('is left to the kernel where no sequence closes it', async () => {
    const { port, sequences, knocks } = await fakeHost();
    await closeTaskDoor({
      host: 'node-1',
      address: '127.0.0.1',
      port,
      sequences: { ...sequences, close: null },
    });
    expect(knocks).toEqual([]);
  });
});
