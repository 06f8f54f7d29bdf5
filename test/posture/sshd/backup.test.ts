import { describe, expect, it } from 'vitest';
import { BACKUP_DIRECTORY, backupSshdConfig } from '../../../posture/sshd/backup.ts';
import { DEBIAN_12, DEBIAN_13, golden, postureWith } from '../fixture.ts';

describe('the backup sshd', () => {
  it('is configured as expected for a first change by root', async () => {
    await expect(backupSshdConfig(postureWith(), 'root', DEBIAN_13)).toMatchFileSnapshot(
      golden('sshd-backup.conf'),
    );
  });

  it('lets root in only while root makes the change', () => {
    expect(backupSshdConfig(postureWith(), 'root', DEBIAN_13)).toContain(
      '\nPermitRootLogin prohibit-password\n',
    );
    const later = backupSshdConfig(postureWith(), 'ops', DEBIAN_13);
    expect(later).toContain('\nPermitRootLogin no\n');
    expect(later).toContain('\nAllowUsers ops\n');
  });

  it('listens on the configured port', () => {
    expect(backupSshdConfig(postureWith({ backup: { port: 2299 } }), 'root', DEBIAN_13)).toMatch(
      /^Port 2299$/m,
    );
  });

  it('shuts out nobody for connections that were tried, where it knows how to', () => {
    expect(backupSshdConfig(postureWith(), 'root', DEBIAN_13)).toContain('\nPerSourcePenalties no\n');
    expect(backupSshdConfig(postureWith(), 'root', DEBIAN_12)).not.toContain('Penalties');
  });

  it('refers to no file of the main sshd', () => {
    const paths = backupSshdConfig(postureWith(), 'root', DEBIAN_13).match(/ \/\S+/g) ?? [];
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(path.trim().startsWith(`${BACKUP_DIRECTORY}/`)).toBe(true);
  });
});
