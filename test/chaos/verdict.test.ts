import { describe, expect, it } from 'vitest';
import { saidOf } from './said.ts';
import { type Observed, verdictOn } from './verdict.ts';

const record = (id: string, phase: string, errors = '') => ({ id, phase, errors });
const sealed = record('old', 'sealed');

/** A change that was sealed, of a host that was sealed before, with nothing wrong. */
const GOOD: Observed = {
  operation: 'change',
  said: 'sealed',
  before: sealed,
  after: record('new', 'sealed'),
  decided: true,
  way: 'new',
  changed: [],
  drift: [],
  sightings: [],
  backupPort: 2222,
  again: undefined,
  afterwards: [],
};

const violations = (seen: Partial<Observed>) => verdictOn({ ...GOOD, ...seen }).violations;

/** A change that was rolled back, with nothing wrong. */
const ROLLED_BACK: Partial<Observed> = {
  said: 'rolled back',
  after: record('new', 'undone'),
  way: 'old',
  drift: undefined,
};

describe('a run is good', () => {
  it.each<[string, Partial<Observed>]>([
    ['sealed', {}],
    ['rolled back', ROLLED_BACK],
    ['killed and rolled back', { ...ROLLED_BACK, said: 'nothing' }],
    ['killed and sealed by the host', { said: 'nothing' }],
    ['kept, and said so', { said: 'kept' }],
    ['refused before anything was written', { ...ROLLED_BACK, said: 'untouched', after: sealed }],
    [
      'of a bare host, rolled back',
      { ...ROLLED_BACK, operation: 'first-change', before: undefined, way: 'first' },
    ],
    [
      'of a bare host, never begun',
      { ...ROLLED_BACK, operation: 'first-change', after: record('', 'none'), way: 'first' },
    ],
    [
      'given back',
      { operation: 'destroy', said: 'given back', after: record('', 'none'), way: 'first', drift: undefined },
    ],
  ])('%s', (_, seen) => {
    expect(violations(seen)).toEqual([]);
  });
});

describe('a run is a violation', () => {
  it.each<[string, Partial<Observed>, RegExp]>([
    ['when nobody gets in', { way: undefined }, /nobody gets in/],
    [
      'when the host does not decide',
      { decided: false, after: record('new', 'undoing') },
      /has not decided.*undoing/,
    ],
    ['when it cannot be asked', { after: undefined }, /cannot be asked/],
    [
      'when it rolled back and the new way leads in',
      { ...ROLLED_BACK, way: 'new' },
      /as before, and the new way/,
    ],
    ['when it is sealed and the old way leads in', { way: 'old' }, /changed, and the old way/],
    ['when it is sealed and open', { way: 'first' }, /changed, and the first way/],
    [
      'when it rolled back and differs',
      { ...ROLLED_BACK, changed: ['+listen tcp :2222'] },
      /not as it was:\n.*2222/,
    ],
    [
      'when it rolled back with errors',
      { ...ROLLED_BACK, after: record('new', 'undone', 'rollback_rules') },
      /rollback_rules/,
    ],
    ['when it is sealed and has drifted', { drift: ['-unit ssh.service enabled'] }, /drifted/],
    [
      'when it says sealed and it is not',
      { ...ROLLED_BACK, said: 'sealed' },
      /says “sealed”, and the host is as before/,
    ],
    [
      'when it says rolled back and it is not',
      { said: 'rolled back' },
      /says “rolled back”, and the host is changed/,
    ],
    ['when it says that the host rolls back, and it kept it', { said: 'no answer' }, /“no answer”.*changed/],
    ['when it says untouched and it is not', { said: 'untouched' }, /“untouched”/],
    [
      'when it was given back in part',
      { ...ROLLED_BACK, operation: 'destroy', said: 'given back' },
      /“given back”/,
    ],
    ['when the next run fails', { again: 'no way in' }, /next run does not succeed: no way in/],
    [
      'when the door does not work after it',
      { afterwards: ['the door does not open'] },
      /after the next run: the door/,
    ],
  ])('%s', (_, seen, words) => {
    expect(violations(seen).join('\n')).toMatch(words);
  });

  const sighting = { address: '10.0.0.2', first: 1, last: 2, count: 3 } as const;

  it.each([22, 2222])('when a bystander sees port %i of a sealed host open; a reset is only told', (port) => {
    const seen = verdictOn({ ...GOOD, sightings: [{ ...sighting, port, state: 'open' }] });
    expect(seen.violations).toEqual([
      `port ${port} was open for a bystander at 10.0.0.2, 3 times, 1.0 to 2.0 s`,
    ]);
    const reset = verdictOn({ ...GOOD, sightings: [{ ...sighting, port, state: 'refused' }] });
    expect(reset).toMatchObject({
      violations: [],
      known: [expect.stringContaining('answered with a reset')],
    });
  });

  it.each(['first-change', 'destroy'] as const)(
    'when a bystander sees the backup door of a %s',
    (operation) => {
      const open = verdictOn({ ...GOOD, operation, sightings: [{ ...sighting, port: 2222, state: 'open' }] });
      expect(open.violations).toContain(
        'port 2222 was open for a bystander at 10.0.0.2, 3 times, 1.0 to 2.0 s',
      );
    },
  );
});

describe('what a deployer says', () => {
  it.each([
    ['sealed', 'sealed'],
    [
      'The change failed: x\nThe host: rolled the change back and is as it was; port 22 answers as before.',
      'rolled back',
    ],
    [
      'x\nThe host: rolled the change back as far as it could; not everything is as it was (a).',
      'rolled back in part',
    ],
    ['x\nThe host: had already committed the change and keeps it (sealed).', 'kept'],
    [
      'x\nThe host: did not answer; it rolls the change back by itself 30 s after it last heard from here',
      'no answer',
    ],
    [
      'x\nThe host: was asked to commit the change, and its answer did not arrive. Either it keeps the change, and its door opens for the new sequence; or it rolls back by itself 30 s after it last heard from here',
      'in doubt',
    ],
    ['x\nThe host: was not touched.', 'untouched'],
    ['x\nThe host: is unchanged: nothing is touched before the rollback is armed.', 'untouched'],
    ['x\nThe host: goes on with that change, or rolls it back when its time is over.', 'busy'],
    [undefined, 'nothing'],
    ['The moon is full', 'something else'],
  ])('is understood: %j', (message, said) => {
    expect(saidOf(message)).toBe(said);
  });
});
