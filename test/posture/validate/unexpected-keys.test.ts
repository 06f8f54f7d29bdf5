import { expect, it } from 'vitest';
import { unexpectedKeys } from '../../../posture/validate/unexpected-keys.ts';

it.each(['posten:firewall', 'Postern:ssh', 'postren:firewal', 'myproject:hosts', 'pstern:anything'])(
  'refuses %s, which nothing reads',
  (key) => {
    expect(unexpectedKeys([key])).toEqual([
      { property: key, reason: expect.stringContaining(`write postern:${key.split(':')[1]}`) },
    ]);
  },
);

it.each(['postern:firewall', 'postern:typo', 'digitalocean:token', 'pulumi:tags', 'cloudflare:apiToken'])(
  'leaves %s to whom it belongs',
  (key) => {
    expect(unexpectedKeys([key])).toEqual([]);
  },
);
