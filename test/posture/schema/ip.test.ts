import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { formatIp, maskIp, parseIpv4, parseIpv6 } from '../../../posture/schema/ip.ts';
import { seeded } from '../fixture.ts';

function formatted(text: string): string | undefined {
  const groups = parseIpv4(text) ?? parseIpv6(text);
  return groups && formatIp(groups);
}

describe('an address', () => {
  // As inet_ntop(3) prints them.
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0102:0000', '2001:db8::102:0'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::', '2001:db8::'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
  ])('%s is printed as %s', (text, expected) => {
    expect(formatted(text)).toBe(expected);
    expect(formatted(expected)).toBe(expected);
  });

  it.each([
    ...['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '1.2.3.4\n', '0x1.2.3.4'],
    ...[':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::', 'g::'],
    ...['::1%eth0', '[::1]', '::ffff:1.2.3.4', '2001:db8::1/64'],
  ])('%j is none', (text) => {
    expect(formatted(text)).toBeUndefined();
  });

  it('is what Node.js takes for one, whatever it is made of', () => {
    const random = seeded(9);
    const parts = ['0', '1', 'ff', '2001', ':', ':', '::', '.', '255', '256', 'x'];
    let addresses = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + random(15) }, () => parts[random(parts.length)]).join('');
      // Left out here on purpose: the dotted ending of IPv6.
      if (text.includes('.') && text.includes(':')) continue;
      expect(formatted(text) !== undefined, text).toBe(isIP(text) !== 0);
      if (isIP(text) !== 0) addresses += 1;
    }
    expect(addresses).toBeGreaterThan(50);
  });

  it.each([
    ['203.0.113.255', 24, '203.0.113.0'],
    ['203.0.113.255', 25, '203.0.113.128'],
    ['203.0.113.255', 32, '203.0.113.255'],
    ['203.0.113.255', 7, '202.0.0.0'],
    ['2001:db8:ffff::1', 33, '2001:db8:8000::'],
    ['2001:db8::1', 128, '2001:db8::1'],
    ['2001:db8::1', 127, '2001:db8::'],
  ])('%s cut to %i bits is %s', (text, bits, expected) => {
    const groups = parseIpv4(text) ?? parseIpv6(text) ?? [];
    expect(formatIp(maskIp(groups, bits))).toBe(expected);
  });
});
