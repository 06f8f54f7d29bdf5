import { describe, expect, it } from 'vitest';
import { readHostWords, unsandboxedWords } from '../../cli/host-words.ts';
import { findingsOf } from '../../cli/status/judge.ts';
import type { Reading } from '../../cli/status/measure.ts';
import { host } from './fixture.ts';

const lost = `sandbox:
by=guard
unit=knockd.service
since=2026-11-28T21:00:00Z
reason=knockd.service: Control process exited, code=exited, status=226/NAMESPACE
`;

describe('what a host says of the sandbox of its knock daemon', () => {
  it('is nothing where it has one, and leaves alone what is said of the rules', () => {
    expect(readHostWords('sandbox:\n')).toEqual({ fallback: null, unsandboxed: null });
    expect(readHostWords(`level=copy\nreason=r\nsandbox:\n`)).toMatchObject({
      fallback: { level: 'copy', reason: 'r' },
      unsandboxed: null,
    });
    expect(readHostWords(lost)).toMatchObject({ fallback: null, unsandboxed: { by: 'guard' } });
  });

  it('is a finding of `postern status` where the guard took it away, and none where the host was sealed without', () => {
    const reading = (text: string): Reading => ({
      family: 4,
      address: '10.213.1.2',
      now: { ssh: 'silent', wasOpen: false, backup: 'silent', served: [] },
      afterKnock: { ssh: 'open', closed: 'time', ...readHostWords(text) },
    });
    const [finding] = findingsOf(host('devnet-1'), reading(lost));
    expect(finding?.code).toBe(1);
    expect(finding?.text).toMatch(/knockd\.service .* without since 2026-11-28T21:00:00Z: .*226\/NAMESPACE/);
    expect(findingsOf(host('devnet-1'), reading(lost.replace('by=guard', 'by=change')))).toEqual([]);
  });

  it('is told in words by `postern doctor` either way', () => {
    const { unsandboxed } = readHostWords(lost.replace('by=guard', 'by=change'));
    if (unsandboxed === null) throw new Error('nothing was read');
    expect(unsandboxedWords(unsandboxed)).toMatch(/did not listen when the host was sealed: .*226/);
  });
});
