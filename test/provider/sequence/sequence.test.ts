import { describe, expect, it } from 'vitest';
import type { Sequences } from '../../../posture/knock/sequence.ts';
import { validateSequences } from '../../../posture/knock/validate.ts';
import { type PropertyMap, secret, unwrap } from '../../../provider/resource/values.ts';
import { sequence } from '../../../provider/sequence/sequence.ts';
import { operation, UNKNOWN } from '../inputs.ts';

const INPUTS: PropertyMap = {
  host: 'node-1',
  knocks: 5,
  closing: true,
  generation: 0,
  avoid: [22, 2222, 4002, 4003],
};

async function created(inputs: PropertyMap = INPUTS): Promise<PropertyMap> {
  return (await sequence.create(inputs, operation)).outs as PropertyMap;
}

function sequencesOf(outs: PropertyMap): Sequences {
  return unwrap({ open: outs['open'], close: outs['close'] }) as Sequences;
}

describe('generated sequences as a resource', () => {
  it('are secret, named after their host, and pass the judgement', async () => {
    const { id, outs } = await sequence.create(INPUTS, operation);
    expect(id).toBe('node-1');
    const { open, close } = sequencesOf(outs as PropertyMap);
    expect([open.length, close?.length]).toEqual([5, 5]);
    const options = { served: [22, 2222, 4002, 4003], acceptWeak: false, needsClose: true };
    expect(validateSequences({ open, close }, options)).toEqual([]);
    // Both wrapped, and nowhere else.
    expect(outs).toMatchObject({ open: secret(open), close: secret(close) });
    const rest = JSON.stringify({ ...(outs as PropertyMap), open: null, close: null, avoid: null });
    for (const { port } of [...open, ...(close ?? [])]) expect(rest).not.toContain(String(port));
  });

  it('have no closing one where none is wanted', async () => {
    expect(sequencesOf(await created({ ...INPUTS, closing: false })).close).toBeNull();
  });

  it('are keys for single packets where those are asked for, and others for another port', async () => {
    const single = { ...INPUTS, spa: { port: 62_201 } };
    const outs = await created(single);
    const { open, close } = sequencesOf(outs);
    expect(open).toEqual([{ port: 62_201, protocol: 'udp', spa: expect.anything() }]);
    expect(close?.[0]?.spa?.key).not.toBe(open[0]?.spa?.key);
    expect(outs).toMatchObject({ open: secret(open), close: secret(close) });
    await expect(sequence.diff(outs, single)).resolves.toEqual({ changes: false });
    for (const change of [{ generation: 1 }, { spa: { port: 62_202 } }, { spa: {} }])
      await expect(sequence.diff(outs, { ...single, ...change })).resolves.toEqual({ changes: true });
    await expect(sequence.diff(outs, INPUTS)).resolves.toEqual({ changes: true });
    await expect(sequence.diff(await created(), single)).resolves.toEqual({ changes: true });
  });

  it('differ each time', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, () => created()));
    expect(new Set(made.map((outs) => JSON.stringify(sequencesOf(outs)))).size).toBe(50);
  });

  it('stay as they are while nothing asks for others', async () => {
    const outs = await created();
    await expect(sequence.diff(outs, INPUTS)).resolves.toEqual({ changes: false });
    await expect(sequence.diff(outs, { ...INPUTS, avoid: [22, 2222, 4001] })).resolves.toEqual({
      changes: false,
    });
    await expect(sequence.read('node-1', outs, operation)).resolves.toEqual({ id: 'node-1', props: outs });
  });

  it.each([{ generation: 1 }, { knocks: 6 }, { closing: false }, { host: 'node-2' }])(
    'are made anew for %j',
    async (change) => {
      const outs = await created();
      await expect(sequence.diff(outs, { ...INPUTS, ...change })).resolves.toEqual({ changes: true });
    },
  );

  it('are made anew when a port of theirs becomes one that the host serves', async () => {
    const outs = await created();
    const { open, close } = sequencesOf(outs);
    for (const knock of [open[2], close?.[0]]) {
      const news = { ...INPUTS, avoid: [22, knock?.port] };
      await expect(sequence.diff(outs, news)).resolves.toEqual({ changes: true });
      const { outs: renewed } = await sequence.update(outs, news, operation);
      const ports = Object.values(sequencesOf(renewed as PropertyMap)).flatMap((one) => one ?? []);
      expect(ports.map(({ port }) => port)).not.toContain(knock?.port);
    }
  });

  it('are not judged while an input is unknown', async () => {
    const news = { ...INPUTS, host: UNKNOWN };
    await expect(sequence.check({}, news, operation)).resolves.toEqual({ inputs: news });
    await expect(sequence.diff({}, news)).resolves.toEqual({ changes: true });
  });

  it.each([
    [{ knocks: 2 }, 'knocks'],
    [{ knocks: 33 }, 'knocks'],
    [{ generation: -1 }, 'generation'],
    [{ closing: 'yes' }, 'closing'],
    [{ more: 1 }, 'more'],
  ])('are refused with their property: %j', async (change, property) => {
    const { failures } = await sequence.check({}, { ...INPUTS, ...change }, operation);
    expect(failures).toEqual([{ property, reason: expect.any(String) }]);
  });
});
