import { parseArgs } from 'node:util';
import { measureEngines } from '../each-engine.ts';
import { knockThroughTrouble, type TroubledResult } from './knocks.ts';
import { BAD_LINE } from './line.ts';

const USAGE = `npm run trouble -- [options]
Seals a lab VPS in its default configuration with each knock engine and knocks at it over a line that doubles 20 % of the
packets, has 25 % overtake others by 30 ms and loses 5 %; says how many tries of \`postern knock\` that took. Needs Linux,
root and python3.

  --knocks N       knocks at each engine (default 100)
  --engine NAME    only this engine; may be repeated
  --backend NAME   on this firewall; may be repeated (default: ufw, and for kernel also nftables)
  --seed N         decides which packets are met (default 1)
  --help           this text`;

const { values } = parseArgs({
  options: {
    knocks: { type: 'string', default: '100' },
    engine: { type: 'string', multiple: true, default: [] },
    backend: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else
  process.exitCode = await measureEngines(
    { engines: values.engine, backends: values.backend },
    async (host) => {
      const knocks = Number(values.knocks);
      const trouble = { ...BAD_LINE, seed: Number(values.seed) };
      const onKnock = (done: number) => {
        if (done % 10 === 0) console.error(`${done} knocks`);
      };
      const result = await knockThroughTrouble({ ...host, knocks, trouble, onKnock });
      return { text: describe(result, knocks), good: result.failed <= knocks / 100 };
    },
  );

function describe({ tries, sendings, failed }: TroubledResult, knocks: number): string {
  const after = [1, 2, 3, 4, 5].map((count) => `${tries.filter((taken) => taken === count).length}`);
  const mean = sendings.reduce((sum, sent) => sum + sent, 0) / Math.max(1, sendings.length);
  return `${knocks - failed} of ${knocks} knocks opened the door; after 1, 2, 3, 4, 5 tries: ${after.join(', ')}; the sequence was sent ${mean.toFixed(1)} times on average, ${Math.max(0, ...sendings)} at most`;
}
