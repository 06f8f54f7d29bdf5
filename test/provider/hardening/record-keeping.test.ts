import { afterEach, expect, it, vi } from 'vitest';
import { marks, results } from '../../../provider/hardening/marks.ts';
import { underRecord } from '../../../provider/hardening/record-keeping.ts';
import type { Operation } from '../../../provider/resource/handler.ts';
import { BusyError } from '../../../transaction/agent.ts';
import { TransactionError } from '../../../transaction/error.ts';
import { operation } from '../inputs.ts';

// The seconds that a busy host is given.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => {} }));

/** A stack of its own: what the plugin writes down is in this project's folder. */
const stack = `unit-${process.pid}`;
const own: Operation = { ...operation, urn: `urn:pulumi:${stack}::postern::postern:index:Hardening::a` };
const before = { address: '192.0.2.1', sealedAt: '2026-11-01T10:00:00Z' };

afterEach(() => {
  marks.settle(own.urn);
  results.remove(own.urn);
});

function changed(change: () => Promise<string>): Promise<undefined> {
  return underRecord('harden', before, 120, own, async ({ recordable }) => {
    await recordable('c1');
    return { result: undefined, outcome: await change() };
  });
}

it('writes down for the views of this machine that a change is under way, and that it went well', async () => {
  let meanwhile: unknown;
  await changed(async () => {
    [meanwhile] = results.ofStack(stack);
    return '2026-11-01T11:00:00Z';
  });
  expect(meanwhile).toMatchObject({ operation: 'harden', address: '192.0.2.1', before: before.sealedAt });
  expect(meanwhile).not.toHaveProperty('ended');
  const [result] = results.ofStack(stack);
  expect(result).toHaveProperty('ended');
  expect(result).not.toHaveProperty('failure');
});

it('writes down why a change failed, in the words that the operator was told', async () => {
  const failure = new TransactionError('It failed.', 'is as it was.', 'run it again.');
  await expect(changed(() => Promise.reject(failure))).rejects.toBe(failure);
  expect(results.ofStack(stack)).toMatchObject([{ failure: failure.message }]);
});

it('remembers none of the changes that a busy host refused to begin, and all that it may have', async () => {
  marks.begin({ urn: own.urn, operation: 'harden', address: before.address, before: before.sealedAt }, 'cut');
  let attempts = 0;
  await underRecord('harden', before, 120, own, async ({ recordable }) => {
    attempts++;
    await recordable(`c${attempts}`);
    if (attempts <= 10)
      throw new TransactionError('Busy.', 'is busy.', 'wait.', { cause: new BusyError('another change') });
    return { result: undefined, outcome: '2026-11-01T11:00:00Z' };
  });
  expect(marks.last(own.urn)?.changes).toEqual(['c11', 'cut']);
});

it('keeps what the operator was told besides', async () => {
  await underRecord('harden', before, 120, own, async ({ recordable, warn }) => {
    await recordable('c1');
    warn('the change closes tcp 9001 (tor)');
    return { result: undefined, outcome: '2026-11-01T11:00:00Z' };
  });
  expect(results.ofStack(stack)).toMatchObject([{ warnings: ['the change closes tcp 9001 (tor)'] }]);
});
