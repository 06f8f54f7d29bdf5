import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostKeys } from '../../../provider/host-keys/host-keys.ts';
import { PosternProvider } from '../../../provider/postern.ts';
import type { Operation } from '../../../provider/resource/handler.ts';
import { type PropertyMap, unwrap } from '../../../provider/resource/values.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const operation: Operation = {
  report: () => {},
  warn: () => {},
  signal: new AbortController().signal,
  urn: 'urn:pulumi:devnet::postern::postern:index:HostKeys::node-1',
};

interface Made {
  readonly publicKeys: string[];
  readonly ed25519: string;
  readonly rsa: string;
  readonly unheldKey: string;
}

const folder = temporaryFolder();

function keygen(file: string, content: string, ...argv: string[]): string {
  const path = join(folder, file);
  writeFileSync(path, content, { mode: 0o600 });
  return execFileSync('ssh-keygen', [...argv, '-f', path], { encoding: 'utf8' }).trim();
}

describe('the host keys of a host to be', () => {
  let id: string;
  let outs: PropertyMap;
  let made: Made;
  beforeAll(async () => {
    const created = await hostKeys.create({ host: 'node-1' }, operation);
    id = created.id;
    outs = created.outs as PropertyMap;
    made = unwrap(outs) as Made;
  }, 60_000);

  it('are an ed25519 and an RSA key of 4096 bits, private and public halves belonging together', () => {
    expect(id).toBe('node-1');
    expect(made.publicKeys).toHaveLength(2);
    expect(keygen('ed25519', made.ed25519, '-y', '-P', '')).toBe(made.publicKeys[0]);
    expect(keygen('rsa', made.rsa, '-y', '-P', '')).toBe(made.publicKeys[1]);
    expect(made.publicKeys[0]).toMatch(/^ssh-ed25519 \S+$/);
    expect(keygen('rsa.pub', `${made.publicKeys[1]}\n`, '-l')).toMatch(/^4096 SHA256:.*\(RSA\)$/);
  });

  it('leave as secrets what is private, and nothing else', () => {
    const secretOnes = Object.keys(outs).filter((key) =>
      JSON.stringify(outs[key]).includes('4dabf18193072939'),
    );
    expect(secretOnes.sort()).toEqual(['ed25519', 'rsa']);
    expect(JSON.stringify({ ...outs, ed25519: null, rsa: null })).not.toContain('PRIVATE KEY');
  });

  it('come with a login key of its own, whose private half is nowhere', () => {
    expect(made.unheldKey).toMatch(/^ssh-ed25519 \S+$/);
    expect(made.publicKeys).not.toContain(made.unheldKey);
    expect(keygen('unheld.pub', `${made.unheldKey}\n`, '-l')).toMatch(/\(ED25519\)$/);
  });

  it('are never made anew for the same host', async () => {
    await expect(hostKeys.diff(outs, { host: 'node-1' })).resolves.toEqual({ changes: false });
    await expect(hostKeys.update(outs, { host: 'node-1' }, operation)).resolves.toEqual({ outs });
  });

  it('are refused for a name that is no host name', async () => {
    const { failures } = await hostKeys.check({}, { host: '-oProxyCommand' }, operation);
    expect(failures).toEqual([expect.objectContaining({ property: 'host' })]);
  });

  it('are a resource that the plugin knows', async () => {
    const provider = new PosternProvider([]);
    await expect(provider.diff('node-1', operation.urn, outs, { host: 'node-1' })).resolves.toEqual({
      changes: false,
    });
  });
});
