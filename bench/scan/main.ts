import { parseArgs } from 'node:util';
import { measureEngines } from '../each-engine.ts';
import { runScans, type ScanResult } from './scans.ts';

const USAGE = `npm run scan -- [options]
Seals a lab VPS in its default configuration with each knock engine, scans all of its TCP and UDP ports again and again,
each time in another random order, and says how often that opened the door. Needs Linux, root and python3.

  --scans N        scans of each engine (default 200)
  --engine NAME    only this engine; may be repeated
  --backend NAME   on this firewall; may be repeated (default: ufw, and for kernel also nftables)
  --family 4|6     IP version (default 4)
  --seed N         decides the orders (default: the time)
  --help           this text`;

const { values } = parseArgs({
  options: {
    scans: { type: 'string', default: '200' },
    engine: { type: 'string', multiple: true, default: [] },
    backend: { type: 'string', multiple: true, default: [] },
    family: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else {
  const family = values.family === '6' ? 6 : 4;
  console.log(`seed ${values.seed}, IPv${family}`);
  process.exitCode = await measureEngines(
    { engines: values.engine, backends: values.backend },
    async (host) => {
      const onScan = (done: number) => {
        if (done % 20 === 0) console.error(`${done} scans`);
      };
      const scans = Number(values.scans);
      const result = await runScans({ ...host, family, scans, seed: Number(values.seed), onScan });
      return { text: describe(result), good: result.opened === 0 && result.knocksAfterwards !== null };
    },
  );
}

function describe({ scans, packets, seconds, opened, knocksAfterwards }: ScanResult): string {
  const after =
    knocksAfterwards === null
      ? 'the right knock afterwards opened nothing'
      : `the right knock afterwards opened it (sent ${knocksAfterwards === 1 ? 'once' : `${knocksAfterwards} times`})`;
  return `${scans} scans, ${packets} packets, ${Math.round(seconds)} s: opened the door ${opened} times; ${after}`;
}
