import { beforeAll, describe, expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { readBanner } from '../../remote/banner.ts';
import { ping } from '../../remote/ping.ts';
import { probeMany, probeTcp, silenceTimeout } from '../../remote/probe.ts';
import { freshVps } from '../lab/fixture.ts';
import { inside } from './lab.ts';
import { probeUdp } from './probe-udp.ts';

let vps: LabVps;

beforeAll(async () => {
  vps = await freshVps();
  await inside(
    vps,
    `nft -f - <<'END'
table inet t {
  chain in {
    type filter hook input priority 0;
    tcp dport { 1001, 1002 } drop
    udp dport 1001 drop
    tcp dport 1003 reject with tcp reset
    tcp dport 1004 reject with icmpx admin-prohibited
    udp dport 1004 reject with icmpx admin-prohibited
    ip saddr ${vps.otherClients[0]} tcp dport 22 drop
  }
}
END`,
  );
});

describe.each(['address', 'addressV6'] as const)('probes of the %s', (which) => {
  // An ICMP error that is back before the call returns, as it can be on one machine, is only seen for the second SYN.
  const options = (port: number) => ({
    address: vps[which],
    port,
    timeoutMilliseconds: port === 1004 ? 1500 : 300,
  });

  it('tell TCP ports apart', async () => {
    const found = await probeMany([22, 9, 1001, 1002, 1003, 1004], (port) => probeTcp(options(port)));
    expect(found.map((probe) => probe.state)).toEqual([
      'open',
      'refused',
      'silent',
      'silent',
      'refused',
      'unreachable',
    ]);
    expect(found[0]?.rttMilliseconds).toBeLessThan(200);
    expect(found[2]?.rttMilliseconds).toBeUndefined();
  });

  it('tell UDP ports apart', async () => {
    expect(await probeUdp(options(1001))).toBe('silent');
    expect(await probeUdp(options(1004))).toBe('unreachable');
    // The one ICMP error a second that a host sends may have gone to the probe before.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await probeUdp(options(1005))).toBe('refused');
  });

  it('read the SSH server’s banner', async () => {
    expect(await readBanner(options(22))).toMatch(/^SSH-2\.0-OpenSSH_/);
    expect(await readBanner(options(1001))).toBeUndefined();
  });
});

describe('probes', () => {
  it('use a new connection each time', async () => {
    const open = await probeTcp({ address: vps.address, port: 22, timeoutMilliseconds: 300 });
    expect(open.state).toBe('open');
    await inside(vps, 'nft insert rule inet t in tcp dport 22 ct state new drop');
    const timeoutMilliseconds = silenceTimeout(open.rttMilliseconds);
    expect((await probeTcp({ address: vps.address, port: 22, timeoutMilliseconds })).state).toBe('silent');
    await inside(vps, 'nft flush chain inet t in');
    expect((await probeTcp({ address: vps.address, port: 22, timeoutMilliseconds })).state).toBe('open');
    await inside(vps, `nft add rule inet t in ip saddr ${vps.otherClients[0]} tcp dport 22 drop`);
  });

  it('come from the address they are told to', async () => {
    const options = { address: vps.address, port: 22, timeoutMilliseconds: 300 };
    expect((await probeTcp({ ...options, sourceAddress: vps.otherClients[0] })).state).toBe('silent');
    expect((await probeTcp({ ...options, sourceAddress: vps.otherClients[1] })).state).toBe('open');
  });

  it('call an address without a host silent or unreachable, and never open', async () => {
    const nobody = vps.address.replace(/\.2$/, '.99');
    const { state } = await probeTcp({ address: nobody, port: 22, timeoutMilliseconds: 300 });
    expect(['silent', 'unreachable']).toContain(state);
  });

  it('ping, where there is a ping', async () => {
    const first = await ping(vps.address);
    expect(['answered', 'unknown']).toContain(first);
    await inside(vps, "nft 'add rule inet t in icmp type echo-request drop'");
    expect(await ping(vps.address)).toBe(first === 'answered' ? 'silent' : 'unknown');
  });
});
