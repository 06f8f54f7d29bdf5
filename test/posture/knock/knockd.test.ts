import { describe, expect, it } from 'vitest';
import { knockdConf } from '../../../posture/knock/knockd.ts';
import { golden, postureWith, SEQUENCES } from '../fixture.ts';

describe('knockd.conf', () => {
  it('opens and closes as expected', async () => {
    await expect(knockdConf(postureWith(), SEQUENCES)).toMatchFileSnapshot(golden('knockd.conf'));
  });

  it('has no closing door where there is no closing sequence', () => {
    const conf = knockdConf(postureWith(), { ...SEQUENCES, close: null });
    expect(conf.match(/^\[.*\]$/gm)).toEqual([
      '[options]',
      '[postern-open]',
      '[postern-decoy-1]',
      '[postern-decoy-2]',
    ]);
  });

  it('gives the configured time for all knocks', () => {
    const conf = knockdConf(postureWith({ knock: { timeoutSeconds: 7 } }), SEQUENCES);
    const doors = conf.split('# Not doors')[0] ?? '';
    expect(doors.match(/seq_timeout = (\d+)/g)).toEqual(['seq_timeout = 7', 'seq_timeout = 7']);
  });

  it('has decoys that never begin, do nothing, and fit knockd’s longest sequence', () => {
    const traps = knockdConf(postureWith(), SEQUENCES).split('# Not doors')[1] ?? '';
    const sequences = [...traps.matchAll(/sequence = (.*)/g)].map(([, list = '']) => list.split(','));
    expect(sequences.map((ports) => ports[0])).toEqual(['0:tcp', '0:tcp']);
    expect(sequences.map(({ length }) => length)).toEqual([32, 32]);
    expect(traps).not.toContain('command');
  });

  it('fits on knockd’s lines with the longest sequences there are', () => {
    const open = Array.from({ length: 32 }, (_, index) => ({
      port: 60_000 + index,
      protocol: 'udp' as const,
    }));
    const longest = Math.max(
      ...knockdConf(postureWith(), { open, close: open })
        .split('\n')
        .map(({ length }) => length),
    );
    // knockd 0.8 reads lines with fgets into PATH_MAX + 1 bytes.
    expect(longest).toBeLessThan(4096);
  });
});
