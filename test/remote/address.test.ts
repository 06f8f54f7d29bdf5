import { describe, expect, it } from 'vitest';
import { resolveAddress } from '../../remote/address.ts';

describe('resolveAddress', () => {
  it('returns literals of the family as they are', async () => {
    expect(await resolveAddress('192.0.2.7', 4)).toBe('192.0.2.7');
    expect(await resolveAddress('2001:db8::7', 6)).toBe('2001:db8::7');
  });

  it('looks names up', async () => {
    expect(await resolveAddress('localhost', 4)).toBe('127.0.0.1');
  });

  it.each([
    ['192.0.2.7', 6],
    ['a b', 4],
    ['-x', 4],
  ] as const)('says that %s has no IPv%d address', async (host, family) => {
    await expect(resolveAddress(host, family)).rejects.toMatchObject({ kind: 'unresolved' });
  });
});
