import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { givesAway, host, projectWith, secretSequence } from '../fixture.ts';

const knock = {
  'devnet-1': { open: secretSequence, close: [{ port: 31_999, protocol: 'tcp' } as const], openSeconds: 30 },
};

it.concurrent('prints a script that a shell takes and that holds the sequence, with a warning beside it', async () => {
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')], knock } });
  const { code, stdout, stderr } = await postern('knock', 'devnet-1', '--script');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^#!\/bin\/sh\n/);
  const knocks = secretSequence.map(({ port, protocol }) => `${protocol}:${port}`).join(' ');
  expect(stdout).toContain(`knocks='${knocks}'`);
  expect(stderr).toContain('holds the secret sequence of devnet-1');
  expect(givesAway(stderr)).toBe(false);
  expect(execFileSync('sh', ['-n'], { input: stdout }).toString()).toBe('');
});

it.concurrent('prints the closing sequence where that is asked for, and none where there is none', async () => {
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')], knock } });
  const { stdout } = await postern('knock', 'devnet-1', '--script', '--close');
  expect(stdout).toContain("knocks='tcp:31999'");
  const without = { 'devnet-1': { open: secretSequence, close: null, openSeconds: 30 } };
  const other = projectWith({ devnet: { hosts: [host('devnet-1')], knock: without } });
  expect(await other.postern('knock', 'devnet-1', '--script', '--close')).toMatchObject({
    code: 1,
    stdout: '',
  });
});

it.concurrent('goes with nothing that knocks', async () => {
  const { postern } = projectWith({ devnet: { hosts: [host('devnet-1')], knock } });
  for (const flag of ['--json', '--proxy']) {
    const { code, stdout } = await postern('knock', 'devnet-1', '--script', flag);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  }
});
