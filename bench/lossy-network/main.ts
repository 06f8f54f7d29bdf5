import { parseArgs } from 'node:util';
import { measureEngines } from '../each-engine.ts';
import { type DisturbedResult, knockThroughDisturbance } from './knocks.ts';
import { BAD_LINE } from './line.ts';
import { NOISES } from './noise.ts';

const USAGE = `npm run lossy-network -- [options]
Seals a lab VPS in its default configuration with each knock engine and knocks at it over a line that doubles 20 % of the
packets, has 25 % overtake others by 30 ms and loses 5 %; says how many tries of \`postern knock\` that took. With --noise
the line is good, and somebody disturbs the knocks. Needs Linux, root and python3.

  --knocks N       knocks at each engine (default 100)
  --engine NAME    only this engine; may be repeated
  --backend NAME   on this firewall; may be repeated (default: ufw, and for kernel also nftables)
  --noise KIND     packets in the knocker's name to one closed port (spoofed), to the sequence's first port (first-port), its
                   last (last-port), to random closed ports (stray); or router advertisements of random prefixes (ra); may be
                   repeated
  --rate N         of them a second; may be repeated (default 100)
  --tries N        runs of \`postern knock\` that each knock has (default 5)
  --seed N         decides which packets are met (default 1)
  --help           this text`;

const { values } = parseArgs({
  options: {
    knocks: { type: 'string', default: '100' },
    engine: { type: 'string', multiple: true, default: [] },
    backend: { type: 'string', multiple: true, default: [] },
    noise: { type: 'string', multiple: true, default: [] },
    rate: { type: 'string', multiple: true, default: ['100'] },
    tries: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const kinds = NOISES.filter((name) => values.noise.includes(name));
const wrong = values.noise.find((name) => !kinds.some((kind) => kind === name));
if (wrong !== undefined) throw new Error(`--noise ${wrong}: there are ${NOISES.join(', ')}`);

if (values.help) console.log(USAGE);
else
  process.exitCode = await measureEngines(
    { engines: values.engine, backends: values.backend },
    async (host) => {
      const knocks = Number(values.knocks);
      const seed = Number(values.seed);
      const tries = Number(values.tries);
      const disturbances =
        kinds.length === 0
          ? [{ ...BAD_LINE, seed }]
          : kinds.flatMap((kind) => values.rate.map((rate) => ({ kind, rate: Number(rate), seed })));
      const onKnock = (done: number) => {
        if (done % 10 === 0) console.error(`${done} knocks`);
      };
      const texts: string[] = [];
      let good = true;
      for (const disturbance of disturbances) {
        const result = await knockThroughDisturbance({ ...host, knocks, tries, disturbance, onKnock });
        const what =
          'kind' in disturbance ? `${disturbance.kind}, ${disturbance.rate} packets a second: ` : '';
        const text = `${what}${describe(result, knocks)}`;
        if (disturbances.length > 1) console.error(text);
        texts.push(text);
        good &&= result.failed <= knocks / 100;
      }
      return { text: texts.join('\n  '), good };
    },
  );

function describe({ tries, sendings, failed }: DisturbedResult, knocks: number): string {
  const after = [1, 2, 3, 4, 5].map((count) => `${tries.filter((taken) => taken === count).length}`);
  const mean = sendings.reduce((sum, sent) => sum + sent, 0) / Math.max(1, sendings.length);
  return `${knocks - failed} of ${knocks} knocks opened the door; after 1, 2, 3, 4, 5 tries: ${after.join(', ')}; the sequence was sent ${mean.toFixed(1)} times on average, ${Math.max(0, ...sendings)} at most`;
}
