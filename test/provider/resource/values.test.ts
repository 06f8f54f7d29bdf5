import { describe, expect, it } from 'vitest';
import { hasUnknown, same, secret, unwrap } from '../../../provider/resource/values.ts';
import { UNKNOWN } from '../inputs.ts';

describe('values on the engine’s wire', () => {
  it('come out of any depth of secrets', () => {
    const wrapped = { a: secret({ b: [secret(1), secret(secret('x'))] }), c: [{ d: secret(null) }] };
    expect(unwrap(wrapped)).toEqual({ a: { b: [1, 'x'] }, c: [{ d: null }] });
    expect(unwrap(secret('x'))).toBe('x');
  });

  it('are left as they are without a secret', () => {
    for (const value of [null, 0, '', false, [], {}, { value: 1 }, { a: [{ b: undefined }] }])
      expect(unwrap(value)).toEqual(value);
  });

  it('are marked as Pulumi’s engine knows secrets', () => {
    expect(secret([1])).toEqual({
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      value: [1],
    });
  });

  it('are unknown when any part is, in a secret as well', () => {
    for (const value of [
      UNKNOWN,
      [1, UNKNOWN],
      { a: { b: UNKNOWN } },
      { a: secret(UNKNOWN) },
      secret([UNKNOWN]),
    ])
      expect(hasUnknown(value)).toBe(true);
    for (const value of [null, 'x', {}, secret('x'), [[]]]) expect(hasUnknown(value)).toBe(false);
  });

  it.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [[], {}, false],
    [null, {}, false],
    [1, '1', false],
    [{ a: { b: 1 } }, { a: { b: 2 } }, false],
  ])('%j and %j are the same: %s', (left, right, expected) => {
    expect(same(left, right)).toBe(expected);
    expect(same(right, left)).toBe(expected);
  });
});
