import { describe, expect, it } from 'vitest';
import { knockdConf } from '../../../posture/knock/knockd.ts';
import { golden, postureWith, SEQUENCES } from '../fixture.ts';

describe('knockd.conf', () => {
  it('opens and closes as expected', async () => {
    await expect(knockdConf(postureWith(), SEQUENCES)).toMatchFileSnapshot(golden('knockd.conf'));
  });

  it('has no closing door where there is no closing sequence', () => {
    const conf = knockdConf(postureWith(), { ...SEQUENCES, close: null });
    expect(conf.match(/^\[.*\]$/gm)).toEqual(['[options]', '[postern-open]']);
  });

  it('gives the configured time for all knocks', () => {
    const conf = knockdConf(postureWith({ knock: { timeoutSeconds: 7 } }), SEQUENCES);
    expect(conf.match(/seq_timeout = (\d+)/g)).toEqual(['seq_timeout = 7', 'seq_timeout = 7']);
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
