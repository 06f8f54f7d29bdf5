import { describe, expect, it } from 'vitest';
import { formatSequence, type Sequence } from '../../posture/knock/sequence.ts';
import { withVps } from '../lab/fixture.ts';
import { jobFor, type Sections } from '../transaction/fixture.ts';
import { insideNow, interrupted } from '../transaction/interrupt.ts';

/** knockd opens for the first two ports in the other order as well: a section like that of the right sequence. */
function openForWrong([first, second, ...rest]: Sequence): string {
  if (first === undefined || second === undefined) throw new Error('too short a sequence');
  const wrong = formatSequence([second, first, ...rest]);
  return `sed -n '/^\\[postern-open\\]/,/^$/s/sequence = .*/sequence = ${wrong}/; /^\\[postern-open\\]/,/^$/p' /etc/knockd.conf |
    sed 's/postern-open/also-open/' >>/etc/knockd.conf && systemctl restart knockd.service`;
}

describe.concurrent('a daemon that opens for a wrong sequence, too', () => {
  const doors: [string, Sections][] = [
    ['ufw', {}],
    ['nftables', { firewall: { backend: 'nftables' } }],
    ['ufw, held', { knock: { door: 'held' } }],
  ];
  it.each(doors)('is found out: %s', async (_name, sections) => {
    await withVps(async (vps) => {
      const job = await jobFor(vps, sections);
      const { error } = await interrupted(job, 'switched', () =>
        insideNow(vps, openForWrong(job.sequences.open)),
      );
      expect(error?.message).toMatch(/after a wrong sequence( .*: expected silent, saw open|$)/m);
      expect(error?.message).toContain('rolled the change back and is as it was');
    });
  });
});
