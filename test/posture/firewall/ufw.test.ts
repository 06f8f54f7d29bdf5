import { describe, expect, it } from 'vitest';
import { ufwRules } from '../../../posture/firewall/ufw.ts';
import { fact, golden, postureWith } from '../fixture.ts';

/** What ufw of Debian 12 was told and what `ufw show added` then printed. */
const recorded = JSON.parse(fact('ufw-0.36.2-debian-12.json')) as {
  readonly from: string;
  readonly printed: string;
}[];

describe('ufw’s rules', () => {
  it('are as expected', async () => {
    const posture = postureWith({
      firewall: {
        api: { from: ['203.0.113.0/24', '2001:db8::7'] },
        rules: [
          { port: 51_820, protocol: 'udp', purpose: 'wireguard' },
          { port: 9100, from: ['198.51.100.7'], purpose: 'metrics of node_exporter 1.8' },
        ],
      },
    });
    await expect(`${ufwRules(posture).join('\n')}\n`).toMatchFileSnapshot(golden('ufw.rules'));
  });

  it('are none where nothing is open', () => {
    expect(ufwRules(postureWith({ firewall: { p2p: null, api: null } }))).toEqual([]);
  });

  it.each(recorded)('are written as ufw prints them back: from $from', ({ from, printed }) => {
    const posture = postureWith({
      firewall: { p2p: null, api: null, rules: [{ port: 4002, from: [from], purpose: 'x' }] },
    });
    expect(ufwRules(posture)).toEqual([`${printed} comment 'postern: x'`]);
  });
});
