import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { taskDoor } from '../../../components/tasks/task-door.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

/** A process group that has opened the door of the host and is in a task; resolves to what signals it. */
async function inTask({ port, sequences }: FakeHost, held: boolean): Promise<(name: NodeJS.Signals) => void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'interrupted.ts')], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const signal = (name: NodeJS.Signals) => void process.kill(-(child.pid ?? Number.NaN), name);
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) signal('SIGKILL');
  });
  child.stdin.end(JSON.stringify({ host: 'node-1', address: '127.0.0.1', port, sequences, held }));
  await once(child.stdout, 'data');
  return signal;
}

it.each(['SIGINT', 'SIGKILL'] as const)(
  'a held door is closed when its task is ended by %s',
  async (name) => {
    const host = await fakeHost();
    const signal = await inTask(host, true);
    expect(host.isOpen()).toBe(true);
    signal(name);
    await vi.waitFor(() => expect(host.isOpen()).toBe(false), { timeout: 8000, interval: 50 });
    expect(host.knocks).toEqual(['open', 'close']);
  },
  20_000,
);

it('a door that was closed after its task is not knocked at again', async () => {
  const host = await fakeHost();
  const { port, sequences } = host;
  const door = taskDoor(
    Promise.resolve({ host: 'node-1', address: '127.0.0.1', port, sequences, held: true }),
  );
  await door.open();
  await door.close();
  // As long as a keeper that was not dismissed would take to start and to knock.
  await sleep(1500);
  expect(host.knocks).toEqual(['open', 'close']);
}, 20_000);
