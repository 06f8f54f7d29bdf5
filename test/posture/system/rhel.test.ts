import { describe, expect, it } from 'vitest';
import {
  packagesOf,
  payloadFiles,
  reviewFiles,
  reviewRules,
  touchedPaths,
  touchedUnits,
} from '../../../posture/host-files.ts';
import { golden, postureWith, problems, SEQUENCES } from '../fixture.ts';

const posture = postureWith({ system: 'rhel', ssh: { port: 2200, secondFactor: 'totp' } });

describe('a posture for RHEL’s family', () => {
  it.each(Object.entries(reviewFiles(posture)))('renders %s', async (path, content) => {
    const name = path.replace(/^~/, 'home/').replace(/^\//, '');
    await expect(content).toMatchFileSnapshot(golden(`rhel/${name}`));
  });

  it('renders the packages, paths and units that a change needs there', async () => {
    const lists = {
      packages: packagesOf(posture),
      paths: touchedPaths('/home/ops', posture),
      units: touchedUnits(posture),
    };
    for (const [name, list] of Object.entries(lists))
      await expect(`${list.join('\n')}\n`).toMatchFileSnapshot(golden(`rhel/${name}`));
  });

  it('tells SELinux the port of sshd, where it is not the usual one', () => {
    expect(reviewRules(posture).at(-1)).toBe('semanage port -a -t ssh_port_t -p tcp 2200');
    expect(reviewRules(postureWith({ system: 'rhel' })).join()).not.toContain('semanage');
    expect(reviewRules(postureWith({ ssh: { port: 2200 } })).join()).not.toContain('semanage');
  });

  it('needs EPEL for knockd, and not where the kernel counts the knocks', () => {
    const kernel = postureWith({ system: 'rhel', knock: { engine: 'kernel' } });
    expect(packagesOf(kernel)).toEqual(['firewalld', 'nftables', 'sudo', 'policycoreutils-python-utils']);
  });

  it('has nothing left of Debian’s names', () => {
    const names = [...packagesOf(posture), ...touchedPaths('/home/ops', posture), ...touchedUnits(posture)];
    for (const name of names)
      expect(name).not.toMatch(/\/etc\/default\/knockd|(^|\/)ssh\.(service|socket)|libpam|^knockd$/);
    const { 'plain/etc/sysconfig/knockd': text } = payloadFiles(posture, SEQUENCES);
    expect(text).toMatch(/^OPTIONS=""$/m);
    expect(text).not.toMatch(/KNOCKD_OPTS/);
  });

  it('has firewalld for its firewall, and is refused with another', () => {
    expect(posture.firewall.backend).toBe('firewalld');
    expect(problems({ system: 'rhel', firewall: { backend: 'nftables' } })).toEqual([
      {
        property: 'firewall.backend',
        reason: expect.stringContaining('must be firewalld where system is rhel'),
      },
    ]);
    expect(problems({ hosts: [{ name: 'node-1', system: 'rhel' }, { name: 'node-2' }] })).toEqual([]);
  });
});
