import { describe, expect, it } from 'vitest';
import {
  hostReportProgram,
  parseHostReport,
  sshdWords,
  unsandboxedWords,
} from '../../../cli/host/host-report.ts';
import { findingsOf } from '../../../cli/status/findings.ts';
import type { Reading } from '../../../cli/status/measure.ts';
import { postureWith } from '../../posture/fixture.ts';
import { host } from '../fixture.ts';

const lost = `sandbox:
by=guard
unit=knockd.service
since=2026-11-28T21:00:00Z
reason=knockd.service: Control process exited, code=exited, status=226/NAMESPACE
sshd:
`;

const words = (text: string) => parseHostReport(text, undefined);

describe('what a host says of the sandbox of its knock daemon', () => {
  it('is nothing where it has one, and leaves alone what is said of the rules', () => {
    expect(words('sandbox:\nsshd:\n')).toEqual({ fallback: null, unsandboxed: null, sshd: [] });
    expect(words(`level=copy\nreason=r\nsandbox:\nsshd:\n`)).toMatchObject({
      fallback: { level: 'copy', reason: 'r' },
      unsandboxed: null,
    });
    expect(words(lost)).toMatchObject({ fallback: null, unsandboxed: { by: 'guard' } });
  });

  it('is a finding of `postern status` where the guard took it away, and none where the host was sealed without', () => {
    const reading = (text: string): Reading => ({
      family: 4,
      address: '10.213.1.2',
      now: { ssh: 'silent', wasOpen: false, backup: 'silent', served: [] },
      afterKnock: { ssh: 'open', closed: 'time', ...words(text) },
    });
    const [finding] = findingsOf(host('devnet-1'), reading(lost));
    expect(finding?.code).toBe(1);
    expect(finding?.text).toMatch(/knockd\.service .* without since 2026-11-28T21:00:00Z: .*226\/NAMESPACE/);
    expect(findingsOf(host('devnet-1'), reading(lost.replace('by=guard', 'by=change')))).toEqual([]);
  });

  it('is told in words by `postern doctor` either way', () => {
    const { unsandboxed } = words(lost.replace('by=guard', 'by=change'));
    if (unsandboxed === null) throw new Error('nothing was read');
    expect(unsandboxedWords(unsandboxed)).toMatch(/did not listen when the host was sealed: .*226/);
  });
});

describe('what the sshd of a host is asked by `postern status` and `doctor`', () => {
  const posture = postureWith();
  const said = (value: string) => `sandbox:
sshd:
sshd_directives=passwordauthentication pubkeyauthentication
sshd_login=ops 192.0.2.1
sshd_set=passwordauthentication ${value}
sshd_set=pubkeyauthentication yes
`;

  it('is a finding where it does something else than the posture says', () => {
    const { sshd } = parseHostReport(said('yes'), posture);
    expect(sshdWords(sshd)).toMatch(/passwordauthentication yes, in force for ops from 192\.0\.2\.1/i);
    const afterKnock = { ssh: 'open', closed: 'time', sshd } as const;
    const now = { ssh: 'silent', wasOpen: false, backup: 'silent', served: [] } as const;
    const reading: Reading = { family: 4, address: '10.213.1.2', now, afterKnock };
    expect(findingsOf(host('devnet-1'), reading)).toMatchObject([
      { code: 1, text: expect.stringMatching(/passwordauthentication yes/i) },
    ]);
  });

  it('is nothing where it does what the posture says, and asked of no host whose posture is not known', () => {
    expect(parseHostReport(said('no'), posture).sshd.join('\n')).not.toMatch(/passwordauthentication/i);
    expect(hostReportProgram(posture).script).toContain('sshd_login=');
    expect(hostReportProgram(undefined).script).not.toContain('sshd_login=');
    expect(parseHostReport(said('yes'), undefined).sshd).toEqual([]);
  });

  it('is said where its answer cannot be read', () => {
    const { sshd } = parseHostReport(`sandbox:\nsshd:\nsshd_line=${'x'.repeat(10_000)}\n`, posture);
    expect(sshdWords(sshd)).toContain('its answer cannot be read');
  });
});
