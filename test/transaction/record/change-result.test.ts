import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { ChangeResults, hostOf } from '../../../transaction/record/change-result.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const URN = 'urn:pulumi:devnet::postern::postern:index:Hardening::devnet-1';
const OPERATION = { urn: URN, address: '192.0.2.1', operation: 'harden', before: '' } as const;

let project: string;
beforeEach(() => {
  project = temporaryFolder();
});

it('tells another process what came of the last operation, and that one has not ended', () => {
  const results = new ChangeResults(project);
  const open = results.begin(OPERATION);
  const only = () => new ChangeResults(project).ofStack('devnet')[0];
  expect(only()).toEqual({ ...OPERATION, began: expect.any(String) });
  open.end('It failed.\nThe host: is as it was.');
  expect(only()).toMatchObject({ failure: 'It failed.\nThe host: is as it was.', ended: expect.any(String) });
  results.begin(OPERATION).end();
  expect(only()).not.toHaveProperty('failure');
  expect(results.ofStack('dev')).toEqual([]);
  expect(hostOf(OPERATION)).toBe('devnet-1');
});

it('is its owner’s alone, and reads nothing that is no result', () => {
  const results = new ChangeResults(project);
  results.begin(OPERATION);
  const folder = join(project, '.postern/results');
  expect(statSync(join(folder, readdirSync(folder)[0] ?? '')).mode & 0o777).toBe(0o600);
  writeFileSync(join(folder, 'devnet.broken.json'), '{"urn":');
  writeFileSync(join(folder, 'devnet.null.json'), 'null');
  expect(results.ofStack('devnet')).toHaveLength(1);
});

it('keeps nobody from a change where it cannot be written', () => {
  writeFileSync(join(project, '.postern'), '');
  expect(() => new ChangeResults(project).begin(OPERATION).end('It failed.')).not.toThrow();
});
