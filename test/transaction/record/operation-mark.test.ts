import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  describeMark,
  isStale,
  OperationMarks,
  unsavedOf,
} from '../../../transaction/record/operation-mark.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const URN = 'urn:pulumi:devnet::postern::postern:index:Hardening::devnet-1';
const OPERATION = { urn: URN, address: '192.0.2.1', before: '2026-11-01T10:00:00Z' } as const;
const sealedAt = (time: string) => ({ address: '192.0.2.1', sealedAt: `2026-11-01T${time}Z` });

let project: string;
let marks: OperationMarks;
beforeEach(() => {
  project = temporaryFolder();
  marks = new OperationMarks(project);
});

describe('the mark of an operation', () => {
  it('makes the state doubtful from its beginning on, and longer when nobody could say how it ended', () => {
    expect(isStale(sealedAt('10:00:00'), marks.last(URN))).toBe(false);
    marks.begin({ ...OPERATION, operation: 'restore' }, 'c1');
    expect(isStale(sealedAt('10:00:00'), new OperationMarks(project).last(URN))).toBe(true);
  });

  it('does so until the state knows what became of the host', () => {
    marks.begin({ ...OPERATION, operation: 'harden' }, 'c1').done('2026-11-01T11:00:00Z');
    // Killed before the state was saved, or an older copy of it was taken back.
    expect(isStale(sealedAt('10:00:00'), marks.last(URN))).toBe(true);
    expect(isStale(sealedAt('11:00:00'), marks.last(URN))).toBe(false);
    marks
      .begin({ ...OPERATION, operation: 'restore', before: '2026-11-01T11:00:00Z' }, 'c2')
      .done('restored');
    expect(isStale(sealedAt('11:00:00'), marks.last(URN))).toBe(true);
  });

  it('says nothing against a state that another machine has brought further, or of another host', () => {
    marks.begin({ ...OPERATION, operation: 'restore' }, 'c1');
    expect(isStale(sealedAt('12:00:00'), marks.last(URN))).toBe(false);
    expect(isStale({ ...sealedAt('10:00:00'), address: '192.0.2.2' }, marks.last(URN))).toBe(false);
  });

  it('goes when the host is as before, unless an earlier one was still open', () => {
    marks.begin({ ...OPERATION, operation: 'harden' }, 'c1').abandon();
    expect(marks.last(URN)).toBeUndefined();
    marks.begin({ ...OPERATION, operation: 'restore' }, 'c1');
    marks.begin({ ...OPERATION, operation: 'harden' }, 'c1').abandon();
    expect(marks.last(URN)).toMatchObject({ operation: 'restore' });
    marks.settle(URN);
    expect(marks.last(URN)).toBeUndefined();
  });

  it('of a stack are found, those of others and broken files are not', () => {
    marks.begin({ ...OPERATION, operation: 'restore' }, 'c1');
    marks.begin({ ...OPERATION, urn: URN.replace('devnet::', 'mainnet::'), operation: 'harden' }, 'c1');
    writeFileSync(join(project, '.postern/operations/devnet.broken.json'), '{"urn":');
    expect(marks.ofStack('devnet').map(({ urn }) => urn)).toEqual([URN]);
    expect(new OperationMarks(join(project, 'none')).ofStack('devnet')).toEqual([]);
    expect(
      readdirSync(join(project, '.postern/operations')).filter((name) => !name.endsWith('.json')),
    ).toEqual([]);
  });

  it('remembers the changes that no state was seen to have', () => {
    const state = (change?: string) => ({ ...sealedAt('10:00:00'), change });
    const begin = (id: string, known?: string) =>
      marks.begin({ ...OPERATION, operation: 'harden' }, id, known);
    begin('c1', 'c0');
    const second = begin('c2', 'c0');
    second.covers('c3');
    second.covers('c3');
    const unsaved = (change?: string) => unsavedOf(state(change), marks.last(URN));
    expect(unsaved('c0')).toEqual({ changes: ['c3', 'c2', 'c1'], unknown: false });
    expect(unsaved('c1').changes).toEqual(['c3', 'c2']);
    begin('c4', 'c3').done('2026-11-01T11:00:00Z');
    expect(unsaved('c3').changes).toEqual(['c4']);
    expect(unsavedOf({ ...state('c3'), address: '192.0.2.2' }, marks.last(URN)).changes).toEqual([]);
    expect(unsavedOf(state(), undefined)).toEqual({ changes: [], unknown: false });
  });

  it('has room for what no state has, however often a busy host refuses to begin', () => {
    const mark = marks.begin({ ...OPERATION, operation: 'harden' }, 'c1', 'c0');
    for (let attempt = 0; attempt < 20; attempt++) {
      mark.covers(`refused-${attempt}`);
      mark.uncovers(`refused-${attempt}`);
    }
    mark.covers('c2');
    expect(marks.last(URN)?.changes).toEqual(['c2', 'c1']);
  });

  it('that a state was seen to have tells an older copy of it from one that was not saved', () => {
    marks.begin({ ...OPERATION, operation: 'harden' }, 'c1', 'c0').done('2026-11-01T11:00:00Z');
    marks.noteSaved({ ...sealedAt('10:00:00'), change: 'c0' }, marks.last(URN));
    expect(unsavedOf(sealedAt('10:00:00'), marks.last(URN)).changes).toEqual(['c1']);
    // By its id, whatever the clocks say.
    const saved = { ...sealedAt('09:00:00'), change: 'c1' };
    expect(isStale(saved, marks.last(URN))).toBe(false);
    marks.noteSaved(saved, marks.last(URN));
    const older = { ...sealedAt('10:00:00'), change: 'c0' };
    expect(isStale(older, marks.last(URN))).toBe(true);
    expect(unsavedOf(older, marks.last(URN)).changes).toEqual([]);
    const mark = marks.last(URN);
    expect(mark && describeMark(mark, 'devnet-1')).toContain('the state, an older copy, does not know of it');
  });

  it('from before ids were kept says that nobody knows whose change the host has', () => {
    const old = { ...OPERATION, operation: 'harden', began: '2026-11-01T10:30:00Z' } as const;
    expect(unsavedOf(sealedAt('10:00:00'), old).unknown).toBe(true);
    expect(unsavedOf(sealedAt('12:00:00'), old).unknown).toBe(false);
  });

  it('is refused where it cannot be written', () => {
    mkdirSync(join(project, '.postern'));
    writeFileSync(join(project, '.postern/operations'), '');
    expect(() => marks.begin({ ...OPERATION, operation: 'restore' }, 'c1')).toThrow(/EEXIST|ENOTDIR/);
  });

  it('is told in words', () => {
    const mark = { ...OPERATION, operation: 'restore', began: '2026-11-28T21:25:00.123Z' } as const;
    expect(describeMark(mark, 'devnet-1')).toBe(
      'a `destroy` of devnet-1, begun on this machine at 2026-11-28 21:25 UTC, was interrupted. The host may not be what the state says: it may be as open as before its first change',
    );
    expect(
      describeMark({ ...mark, operation: 'harden', outcome: '2026-11-28T21:26:00Z' }, 'devnet-1'),
    ).toContain('an `up` of devnet-1');
  });
});
