import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  candidatesOf,
  candidatesText,
  MOST_CANDIDATES,
  sameWanted,
  unproven,
  type Wanted,
  wantedText,
  withWanted,
} from '../../posture/candidates.ts';
import { CandidatesText, WantedText } from '../../posture/schema/candidates.ts';
import { KEY, SEQUENCES, tcp } from './fixture.ts';

const spa = { key: `${'A'.repeat(43)}=`, hmacKey: `${'B'.repeat(43)}=` };

function wanted(port: number, more: Partial<Wanted> = {}): Wanted {
  return { port, user: 'ops', ...SEQUENCES, ...more };
}

function written(...ports: number[]): readonly Candidate[] {
  return ports.reduce<readonly Candidate[]>((known, port) => withWanted(known, wanted(port), `n${port}`), []);
}

describe('ways in that were written down', () => {
  it('are kept with the newest first, as many as are kept', () => {
    expect(written(22, 2200, 2300).map(({ port }) => port)).toEqual([2300, 2200, 22]);
    const many = written(...Array.from({ length: 20 }, (_, index) => 1000 + index));
    expect(many).toHaveLength(MOST_CANDIDATES);
    expect(many[0]?.port).toBe(1019);
  });

  it('hold none twice: what is wanted again is in front, under its new name', () => {
    const known = withWanted(written(22, 2200), wanted(22), 'again');
    expect(known.map(({ id }) => id)).toEqual(['again', 'n2200']);
  });

  it('may be in force from the one after the proven one on; where that is not among them, all', () => {
    const known = written(22, 2200, 2300);
    expect(unproven(known, 'n22').map(({ port }) => port)).toEqual([2300, 2200]);
    expect(unproven(known, 'n2300')).toEqual([]);
    expect(unproven(known, undefined)).toEqual(known);
    expect(unproven(known, 'lost')).toEqual(known);
  });

  it('are the same for the same door alone', () => {
    const identity = { file: '~/.ssh/a' };
    const whole = wanted(22, { totp: 'A'.repeat(32), hostKeys: [KEY], identity });
    const reordered = Object.fromEntries(Object.entries(whole).reverse()) as unknown as Wanted;
    expect(sameWanted(whole, reordered)).toBe(true);
    for (const other of [
      { port: 23 },
      { user: 'root' },
      { open: tcp(7000, 8000, 9000) },
      { close: null },
      { totp: 'B'.repeat(32) },
      { hostKeys: [] },
      { identity: { file: '~/.ssh/b' } },
      { open: [{ port: 62_201, protocol: 'udp' as const, spa }] },
    ])
      expect(sameWanted(whole, { ...whole, ...other }), JSON.stringify(other)).toBe(false);
  });

  it('are read back as they were written', () => {
    const known = withWanted(
      written(22),
      wanted(2200, {
        open: [{ port: 62_201, protocol: 'udp', spa }],
        close: null,
        totp: 'A'.repeat(32),
        hostKeys: [KEY],
        identity: { privateKey: 'a key\n' },
      }),
      'b2',
    );
    expect(candidatesOf(candidatesText(known))).toEqual(known);
    expect(CandidatesText.parse(candidatesText(known))).toEqual(known);
    expect(candidatesOf(undefined)).toEqual([]);
    expect(WantedText.parse(wantedText(wanted(22)))).toEqual(wanted(22));
  });

  it('are refused without a word about what they hold', () => {
    const hostile = wanted(22, {
      user: 'root; id',
      totp: 'hunter2',
      identity: { file: '-oProxyCommand=id' },
    });
    for (const text of ['nonsense 17123', candidatesText([{ ...hostile, id: 'a' }])]) {
      const { error } = CandidatesText.safeParse(text);
      expect(error).toBeDefined();
      for (const secret of ['hunter2', '17123', 'ProxyCommand'])
        expect(JSON.stringify(error)).not.toContain(secret);
    }
  });
});
