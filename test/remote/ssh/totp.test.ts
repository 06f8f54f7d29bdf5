import { describe, expect, it } from 'vitest';
import { sshArguments } from '../../../remote/ssh/options.ts';
import { toBase32, totpCode } from '../../../remote/ssh/totp.ts';

describe('codes of the second factor', () => {
  const secret = toBase32(Buffer.from('12345678901234567890'));

  // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of RFC 6238: at %i s', (seconds, code) => {
    expect(totpCode(secret, seconds)).toBe(code);
  });

  it('come from 160 bits of base32 and refuse anything else', () => {
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(() => totpCode('not base32')).toThrow('is not base32');
  });

  it('are asked for by ssh where the account has them, and never stand in its arguments', () => {
    const hop = { address: '192.0.2.1', port: 22, user: 'ops', hostKeys: ['ssh-ed25519 AAAA'] };
    const places = { alias: 'a', knownHosts: '/k', timeoutSeconds: 5 };
    const without = sshArguments(hop, places);
    const args = sshArguments({ ...hop, totp: secret }, places);
    const first = (words: string[], option: string) => words.find((word) => word.startsWith(`${option}=`));
    expect(first(without, 'KbdInteractiveAuthentication')).toBe('KbdInteractiveAuthentication=no');
    expect(first(args, 'KbdInteractiveAuthentication')).toBe('KbdInteractiveAuthentication=yes');
    expect(first(args, 'BatchMode')).toBe('BatchMode=no');
    expect(args.join(' ')).not.toContain(secret);
  });
});
