import { expect, it, vi } from 'vitest';
import { onceFree } from '../../../provider/hardening/busy-host.ts';
import { BusyError } from '../../../transaction/agent.ts';
import { NoLoginError } from '../../../transaction/connect.ts';
import { TransactionError } from '../../../transaction/error.ts';

const busy = () => new TransactionError('busy', 'x', 'y', { cause: new BusyError('another change') });
const { signal } = new AbortController();

/** As the provider does it, with the minute of its patience in a fifth of a second. */
const settled = (change: () => Promise<unknown>, say: (text: string) => void, stop = signal) =>
  onceFree(change, 0.2, say, stop, 5).catch((error: Error) => error.message.split('\n')[0]);

it('waits until the host has rolled back what was interrupted', async () => {
  const change = vi
    .fn()
    .mockRejectedValueOnce(busy())
    .mockRejectedValueOnce(busy())
    .mockResolvedValue('sealed');
  const said: string[] = [];
  expect(await settled(change, (text) => said.push(text))).toBe('sealed');
  expect(said).toHaveLength(2);
});

it('also when nobody gets in while it does', async () => {
  const closed = () => new TransactionError('no way in', 'x', 'y', { cause: new NoLoginError('no way in') });
  const change = vi
    .fn()
    .mockRejectedValueOnce(busy())
    .mockRejectedValueOnce(closed())
    .mockRejectedValueOnce(closed())
    .mockResolvedValue('sealed');
  const said: string[] = [];
  expect(await settled(change, (text) => said.push(text))).toBe('sealed');
  expect(said).toEqual([
    expect.stringContaining('an interrupted one'),
    ...Array(2).fill(expect.stringContaining('nobody gets in')),
  ]);
});

it('only once more where it turns the client away, which it would count against it', async () => {
  const refused = () =>
    new TransactionError('no way in', 'x', 'y', { cause: new NoLoginError('no way in', true) });
  const change = vi.fn().mockImplementation(async () => Promise.reject(refused()));
  expect(await settled(change, () => {})).toBe('no way in');
  expect(change).toHaveBeenCalledTimes(2);
});

it('not for ever, not for other failures, and not when it is cancelled', async () => {
  const always = vi.fn().mockImplementation(async () => Promise.reject(busy()));
  expect(await settled(always, () => {})).toBe('busy');
  expect(always.mock.calls.length).toBeGreaterThan(5);
  const failing = vi.fn().mockRejectedValue(new TransactionError('other', 'x', 'y'));
  expect(await settled(failing, () => {})).toBe('other');
  expect(failing).toHaveBeenCalledTimes(1);
  const cancelled = vi.fn().mockRejectedValue(busy());
  expect(await settled(cancelled, () => {}, AbortSignal.abort())).toBe('busy');
  expect(cancelled).toHaveBeenCalledTimes(1);
});
