import { describe, expect, it } from 'vitest';
import { type Candidate, candidatesOf, type Wanted, wantedText } from '../../../posture/candidates.ts';
import { candidates } from '../../../provider/candidates/candidates.ts';
import { type PropertyMap, secret, unwrap } from '../../../provider/resource/values.ts';
import { SEQUENCES } from '../../posture/fixture.ts';
import { operation, UNKNOWN } from '../inputs.ts';

function inputs(port: number, more: Partial<Wanted> = {}): PropertyMap {
  const wanted = wantedText({ port, user: 'ops', ...SEQUENCES, ...more });
  return { host: 'node-1', wanted: secret(wanted) };
}

async function created(port: number): Promise<PropertyMap> {
  return (await candidates.create(inputs(port), operation)).outs as PropertyMap;
}

async function updated(olds: PropertyMap, port: number): Promise<PropertyMap> {
  return (await candidates.update(olds, inputs(port), operation)).outs as PropertyMap;
}

function known(outs: PropertyMap): readonly Candidate[] {
  return candidatesOf((unwrap(outs) as { known: string }).known);
}

describe('candidates as a resource', () => {
  it('are named after their host, and everything of them but its name is secret', async () => {
    const { id, outs } = await candidates.create(inputs(22), operation);
    expect(id).toBe('node-1');
    const { host, ...rest } = outs as PropertyMap;
    expect(host).toBe('node-1');
    for (const value of Object.values(rest)) expect(value).toEqual(secret(expect.any(String)));
  });

  it('keep every way in that was wanted, the newest first, each under a name of its own', async () => {
    const outs = await updated(await updated(await created(22), 2200), 2300);
    expect(known(outs).map(({ port }) => port)).toEqual([2300, 2200, 22]);
    expect(new Set(known(outs).map(({ id }) => id)).size).toBe(3);
    expect(known(outs)[0]).toMatchObject({ user: 'ops', ...SEQUENCES });
  });

  it('stay as they are while nothing else is wanted', async () => {
    const outs = await created(22);
    await expect(candidates.diff(outs, inputs(22))).resolves.toEqual({ changes: false });
    await expect(candidates.diff(outs, unwrap(inputs(22)) as PropertyMap)).resolves.toEqual({
      changes: false,
    });
    await expect(candidates.read('node-1', outs, operation)).resolves.toEqual({ id: 'node-1', props: outs });
  });

  it.each<[string, PropertyMap]>([
    ['another port', inputs(2200)],
    ['another identity', inputs(22, { identity: { file: '~/.ssh/b' } })],
    ['something unknown', { host: 'node-1', wanted: secret(UNKNOWN) }],
  ])('are written down anew for %s', async (_name, news) => {
    await expect(candidates.diff(await created(22), news)).resolves.toEqual({ changes: true });
  });

  it('begin anew where those that were kept cannot be read', async () => {
    const outs = await updated({ ...(await created(22)), known: 'nonsense' }, 2200);
    expect(known(outs).map(({ port }) => port)).toEqual([2200]);
  });
});
