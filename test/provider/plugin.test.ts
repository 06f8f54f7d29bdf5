import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PropertyMap, secret } from '../../provider/resource/values.ts';
import { programsDigest } from '../../transaction/programs.ts';
import { SEQUENCES } from '../posture/fixture.ts';
import { hardeningInputs, UNKNOWN } from './inputs.ts';
import { type Plugin, startPlugin } from './plugin.ts';

const HARDENING = 'urn:pulumi:devnet::postern::postern:components:Fleet$postern:index:Hardening::node-1';
const SEQUENCE = 'urn:pulumi:devnet::postern::postern:index:Sequence::node-1';
const [NONE, SOME] = [1, 2];

/** Without what a Struct cannot hold. */
function plain(properties: PropertyMap): PropertyMap {
  return JSON.parse(JSON.stringify(properties)) as PropertyMap;
}

describe('the plugin’s process', () => {
  let plugin: Plugin;
  beforeAll(async () => {
    plugin = await startPlugin();
  }, 30_000);
  afterAll(() => plugin?.stop());

  /** The paths of what is refused, and why. The property that the engine would print in its own words is empty. */
  async function failuresOf(urn: string, news: PropertyMap): Promise<Record<string, string>> {
    const reply = await plugin.check(urn, plain(news));
    return Object.fromEntries(
      reply.getFailuresList().map((one) => {
        expect(one.getProperty()).toBe('');
        const [path = '', reason = ''] = one.getReason().split(/: (.*)/s);
        return [path, reason];
      }),
    );
  }

  it('is ready for a program that calls it early, and knows no other function', async () => {
    expect(await plugin.invoke('postern:index:ready')).toEqual([]);
    expect(await plugin.invoke('postern:index:moat').catch(String)).toMatch(
      /has no function postern:index:moat/,
    );
  });

  it('accepts a posture, keeps its secrets wrapped, and adds the digest of its programs', async () => {
    const reply = await plugin.check(HARDENING, plain(hardeningInputs()));
    expect(reply.getFailuresList()).toEqual([]);
    expect(reply.getInputs()?.toJavaScript()).toMatchObject({
      sequences: secret(SEQUENCES),
      programs: programsDigest(),
    });
  });

  it('refuses all that is wrong at once, each with its path as the configuration has it', async () => {
    const news = plain(hardeningInputs());
    const { posture } = news as {
      posture: { ssh: PropertyMap; firewall: { rules: PropertyMap[] }; knock: PropertyMap };
    };
    posture.ssh['port'] = 70_000;
    posture.knock['engine'] = 'doorbell';
    posture.firewall.rules[1] = { ...posture.firewall.rules[1], purpose: "it's" };
    expect(Object.keys(await failuresOf(HARDENING, news)).sort()).toEqual([
      'firewall.rules[1].purpose',
      'knock.engine',
      'ssh.port',
    ]);
  });

  it('takes unknown values in a preview', async () => {
    const news = { ...hardeningInputs(), sequences: UNKNOWN };
    expect(await failuresOf(HARDENING, news)).toEqual({});
    const reply = await plugin.diff(HARDENING, plain(hardeningInputs()), plain(news));
    expect(reply.getChanges()).toBe(SOME);
  });

  it('sees no difference where there is none', async () => {
    const inputs = { ...hardeningInputs(), programs: programsDigest() };
    const same = await plugin.diff(HARDENING, plain({ ...inputs, drift: [] }), plain(inputs));
    expect([same.getChanges(), same.getReplacesList()]).toEqual([NONE, []]);
    const drifted = await plugin.diff(HARDENING, plain({ ...inputs, drift: ['ufw is off'] }), plain(inputs));
    expect([drifted.getChanges(), drifted.getReplacesList()]).toEqual([SOME, []]);
  });

  it('finds the handler of a type by its URN, in a component or not', async () => {
    const news = { host: 'node-1', knocks: 2, closing: true, generation: 0, avoid: [] };
    expect(Object.keys(await failuresOf(SEQUENCE, news))).toEqual(['knocks']);
    const unknown = await plugin.check(SEQUENCE.replace('Sequence', 'Moat'), {}).catch(String);
    expect(unknown).toMatch(
      /no resource type postern:index:Moat; it has postern:index:Candidates, postern:index:FirstBoot, /,
    );
    expect(unknown).not.toMatch(/ at .*\.ts:\d/);
  });
});
