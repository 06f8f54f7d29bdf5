import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Context } from '../../../cli/command-line/context.ts';
import { engineOf } from '../../../cli/stack/engine.ts';
import { OperationMarks, unsavedOf } from '../../../transaction/record/operation-mark.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const urn = 'urn:pulumi:mainnet::postern::postern:index:Hardening::box';
const state = { address: '192.0.2.1', sealedAt: '2026-01-01T00:00:00Z' };

/** An engine that exports a state in which the host was sealed by a change. */
function engineWith(project: string, change: string) {
  const outputs = { posture: { host: 'box' }, way: { address: state.address }, sealed: { ...state, change } };
  const resources = [{ type: 'postern:index:Hardening', urn, outputs }];
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
  const program = join(project, 'node_modules/.bin/pulumi');
  writeFileSync(join(project, 'export.json'), JSON.stringify({ deployment: { resources } }));
  writeFileSync(program, '#!/bin/sh\ncat export.json\n');
  chmodSync(program, 0o755);
  return engineOf({ project, env: process.env } as unknown as Context);
}

it('remembers that a state had the last change: one without it is an older copy from then on', async () => {
  const project = temporaryFolder();
  const marks = new OperationMarks(project);
  marks
    .begin({ urn, address: state.address, operation: 'harden', before: '' }, 'second', 'first')
    .done(state.sealedAt);
  const older = { ...state, sealedAt: '2025-12-01T00:00:00Z', change: 'first' };
  await engineWith(project, 'first')
    .outputs('mainnet')
    .catch(() => undefined);
  expect(unsavedOf(older, marks.last(urn)).changes).toEqual(['second']);
  await engineWith(project, 'second')
    .outputs('mainnet')
    .catch(() => undefined);
  expect(unsavedOf(older, marks.last(urn)).changes).toEqual([]);
});
