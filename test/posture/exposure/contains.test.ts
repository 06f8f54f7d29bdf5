import { describe, expect, it } from 'vitest';
import { contains } from '../../../posture/exposure/contains.ts';

describe('a network', () => {
  it.each([
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.112.255', false],
    ['203.0.113.4/30', '203.0.113.4', true],
    ['203.0.113.4/30', '203.0.113.3', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.70', false],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['128.0.0.0/1', '127.255.255.255', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['2001:db8::4/126', '2001:0DB8:0:0::7', true],
    ['::/0', '203.0.113.1', false],
    ['fe80::/10', 'febf::1', true],
    ['fe80::/10', 'fec0::1', false],
    ['203.0.113.0/24', '', false],
  ])('%s holds %s: %s', (network, address, held) => {
    expect(contains(network, address)).toBe(held);
  });
});
