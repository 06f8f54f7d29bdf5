import { expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { preflight } from '../../../transaction/preflight/preflight.ts';
import { DEBIAN_12, postureWith, type Raw } from '../../posture/fixture.ts';

/** What is said of fwknop. */
function said(version: string, facts = '', knock: Raw = {}): string[] {
  const text = `os=debian\nversion=${version}\ntool=apt-get\nlink=eth0\n${facts}`;
  const posture = postureWith({ knock: { engine: 'fwknop', ...knock } });
  return preflight({ ...parseFacts(text), known: DEBIAN_12 }, posture).filter((problem) =>
    /fwknop|default route/.test(problem),
  );
}

const routed = 'interface=eth0\n';

it('fwknop is refused on a release whose daemon does not see packets before the firewall', () => {
  expect(said('11', routed)).toEqual([]);
  expect(said('12', routed)).toEqual([]);
  expect(said('13', routed)).toEqual([
    expect.stringMatching(/^knock\.engine is fwknop, and the system is debian 13, .* take knockd or kernel/),
  ]);
});

it('fwknop is refused where the deployer comes in over IPv6, and where its interface is unknown', () => {
  expect(said('12', `${routed}connection=2001:db8::9 50000 2001:db8::7 22\n`)).toEqual([
    expect.stringMatching(/^fwknop hears no knock over IPv6.* logs in over IPv6/),
  ]);
  expect(said('12')).toEqual([expect.stringContaining('no default route')]);
  expect(said('12', '', { interface: 'eth0' })).toEqual([]);
});
