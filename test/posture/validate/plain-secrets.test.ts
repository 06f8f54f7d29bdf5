import { describe, expect, it } from 'vitest';
import { plainSecrets } from '../../../posture/validate/plain-secrets.ts';

const FILE = 'stacks/Pulumi.devnet.yaml';
const sequence = { open: '17123:tcp,9321:udp,28456:tcp' };

describe('a secret in plain text', () => {
  it('is warned of, with its place and the way to do it, but not with its value', () => {
    const raw = { knock: { sequence }, identity: { privateKey: 'KEY' } };
    const warnings = plainSecrets(raw, () => false, FILE);
    expect(warnings).toEqual([
      expect.stringMatching(/^knock\.sequence is in plain text in stacks\/Pulumi\.devnet\.yaml: .*--secret/),
      expect.stringMatching(/^identity\.privateKey is in plain text/),
    ]);
    expect(warnings.join()).not.toMatch(/17123|KEY/);
  });

  it('is warned of in a jump host', () => {
    const raw = { hosts: [{ target: { jump: { identity: { privateKey: 'KEY' } } } }] };
    expect(plainSecrets(raw, () => false, FILE)).toEqual([
      expect.stringMatching(/^hosts\[0\]\.target\.jump\.identity\.privateKey is in plain text/),
    ]);
  });

  it('is warned of in a host', () => {
    const raw = { hosts: [{ name: 'a' }, { name: 'b', knock: { sequence } }] };
    expect(plainSecrets(raw, () => false, FILE)).toEqual([
      expect.stringMatching(/^hosts\[1\]\.knock\.sequence is in plain text/),
    ]);
    expect(plainSecrets(raw, (key) => key === 'hosts', FILE)).toEqual([]);
  });

  it('is fine where its key is secret', () => {
    const raw = { knock: { sequence }, identity: { privateKey: 'KEY' } };
    expect(plainSecrets(raw, (key) => key === 'knock', FILE)).toHaveLength(1);
    expect(plainSecrets(raw, () => true, FILE)).toEqual([]);
  });

  it.each([
    {},
    { knock: { knocks: 4 } },
    { identity: { file: 'x' } },
    { knock: null, hosts: 5 },
    { hosts: [null, 7] },
  ])('is not seen where there is none: %j', (raw) => {
    expect(plainSecrets(raw, () => false, FILE)).toEqual([]);
  });
});
