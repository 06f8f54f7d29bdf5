import { describe, expect, it } from 'vitest';
import { HardenedVps } from '../../components/hardened-vps.ts';
import { type Run, resolved, runProgram, SEALED_HOST_KEY, SEQUENCES } from './program.ts';

const CANDIDATES = 'postern:index:Candidates';
const HARDENING = 'postern:index:Hardening';
const HOST_KEYS = 'postern:index:HostKeys';

function run(host: object, stack: object = {}): Promise<Run> {
  return runProgram(() => new HardenedVps(resolved({ name: 'node-1', ...host }, stack)));
}

function wanted(made: Run) {
  return JSON.parse(String(made.one(CANDIDATES).inputs['wanted']));
}

describe('what a host is going to ask for', () => {
  it('is written down before the host is told, as one secret', async () => {
    const made = await run({ identity: { file: '.postern/key' } }, { ssh: { port: 2200 } });
    expect(wanted(made)).toEqual({
      ...{ port: 2200, user: 'ops', ...SEQUENCES },
      identity: { file: '.postern/key' },
    });
    const { secrets, additionalSecretOutputs } = made.one(CANDIDATES);
    expect(secrets).toEqual(['wanted']);
    expect(additionalSecretOutputs).toEqual(['known']);
    const hardening = made.one(HARDENING);
    expect(hardening.secrets).toEqual(expect.arrayContaining(['candidates', 'sequences']));
    expect(hardening.dependsOn).toContain(`${CANDIDATES} node-1`);
  });

  it('is written down where the sequence is the user’s own', async () => {
    const made = await run({ knock: { sequence: SEQUENCES } });
    expect(wanted(made)).toMatchObject(SEQUENCES);
  });

  it('has host keys of ours where new ones are asked for, a resource for each generation', async () => {
    const none = await run({});
    expect(none.resources.some(({ type }) => type === HOST_KEYS)).toBe(false);
    expect(none.one(HARDENING).inputs['newHostKeys']).toBeUndefined();
    const made = await run({}, { ssh: { hostKeyGeneration: 3 } });
    expect(made.one(HOST_KEYS, 'node-1-ssh-3').inputs).toEqual({ host: 'node-1' });
    const publicKeys = ['ssh-ed25519 AAAAhost', 'ssh-rsa AAAAhost'];
    expect(wanted(made).hostKeys).toEqual(publicKeys);
    const hardening = made.one(HARDENING);
    expect(hardening.inputs['newHostKeys']).toEqual({
      ...{ publicKeys, ed25519: 'private ed25519\n', rsa: 'private rsa\n' },
    });
    expect(hardening.secrets).toContain('newHostKeys');
  });

  it('has the second factor’s secret where codes are asked for', async () => {
    const made = await run({}, { ssh: { secondFactor: 'totp' } });
    expect(wanted(made).totp).toBe('A'.repeat(32));
  });

  it('may be a host key that the operator vouches for', async () => {
    const made = await run({ acceptHostKeys: [SEALED_HOST_KEY] });
    expect(made.one(HARDENING).inputs['acceptHostKeys']).toEqual([SEALED_HOST_KEY]);
    expect((await run({})).one(HARDENING).inputs['acceptHostKeys']).toBeUndefined();
  });
});
