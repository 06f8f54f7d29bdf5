import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { destroyOwner } from '../../lab/destroy.ts';
import { collectGarbage } from '../../lab/garbage.ts';
import { testOwner } from '../../lab/owner.ts';
import { labSupport } from '../../lab/support.ts';
import { type LoginKey, makeKey } from '../hosts.ts';
import { withSealed } from '../sealed-host.ts';
import { runScans, type ScanResult } from './scans.ts';

const USAGE = `npm run scan -- [options]
Seals a lab VPS in its default configuration with each knock engine, scans all of its TCP and UDP ports again and again,
each time in another random order, and says how often that opened the door. Needs Linux, root and python3.

  --scans N        scans of each engine (default 200)
  --engine NAME    only this engine; may be repeated
  --family 4|6     IP version (default 4)
  --seed N         decides the orders (default: the time)
  --help           this text`;

/** Engines, each with the backend whose kernel rules it is tried on. */
const ENGINES = [{ engine: 'knockd', backend: 'ufw' }] as const;

const { values } = parseArgs({
  options: {
    scans: { type: 'string', default: '200' },
    engine: { type: 'string', multiple: true, default: [] },
    family: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else process.exitCode = await run();

async function run(): Promise<number> {
  const support = labSupport();
  if (!support.ok) throw new Error(support.reason);
  const wanted = ENGINES.filter(({ engine }) => values.engine.length === 0 || values.engine.includes(engine));
  const owner = await testOwner();
  const folder = mkdtempSync(join(tmpdir(), 'postern-scan-'));
  let failures = 0;
  try {
    await collectGarbage();
    const key = await makeKey(folder);
    console.log(`seed ${values.seed}, IPv${values.family}`);
    for (const { engine, backend } of wanted) {
      const result = await scanEngine(owner, key, { knock: { engine }, firewall: { backend } });
      console.log(`${engine} on ${backend}: ${describe(result)}`);
      if (result.opened > 0 || result.knocksAfterwards === null) failures += 1;
    }
  } finally {
    await destroyOwner(owner);
    rmSync(folder, { recursive: true, force: true });
  }
  return failures === 0 ? 0 : 1;
}

function scanEngine(owner: string, key: LoginKey, sections: Record<string, unknown>): Promise<ScanResult> {
  return withSealed({ owner, name: 'scanned', key, sections }, ({ vps, job }) => {
    const onScan = (done: number) => {
      if (done % 20 === 0) console.error(`${done} scans`);
    };
    const family = values.family === '6' ? 6 : 4;
    return runScans({ vps, job, family, scans: Number(values.scans), seed: Number(values.seed), onScan });
  });
}

function describe({ scans, packets, seconds, opened, knocksAfterwards }: ScanResult): string {
  const after =
    knocksAfterwards === null
      ? 'the right knock afterwards opened nothing'
      : `the right knock afterwards opened it (sent ${knocksAfterwards === 1 ? 'once' : `${knocksAfterwards} times`})`;
  return `${scans} scans, ${packets} packets, ${Math.round(seconds)} s: opened the door ${opened} times; ${after}`;
}
