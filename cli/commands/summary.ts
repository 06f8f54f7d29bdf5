import type { HostOutput } from '../../components/outputs.ts';
import type { Exposure } from '../../posture/exposure.ts';
import { type Command, stackOption } from '../command.ts';
import { engineOf } from '../engine.ts';
import { exitCode } from '../exit.ts';
import { readFleet } from '../fleet.ts';
import { refreshSshFiles } from '../ssh/refresh.ts';
import { type Cell, plain, table } from '../table.ts';
import { shortTime } from '../time.ts';

const head = ['HOST', 'ADDRESS', 'NETWORK', 'REACHABLE NOW', 'AFTER A KNOCK', 'EVIDENCE'];

/** `postern summary`. */
export const summary: Command = {
  name: 'summary',
  summary: 'what the last `up` left: the table that `npm run up` ends with',
  description: [
    'Prints, from the stack’s outputs alone, what is reachable on each host now and after a knock, and how much of that was seen from outside when the host was last changed. It looks at no host; `postern status` does. Entries of `postern ssh-config` are brought up to date.',
  ],
  arguments: [],
  options: { stack: stackOption },
  examples: [{ command: 'npx postern summary --stack devnet', purpose: 'after an `up`' }],
  async run(given, world) {
    const engine = engineOf(world);
    const fleet = await readFleet(engine, given.text('stack'));
    await refreshSshFiles(engine, fleet, world);
    const { stack, hosts } = fleet;
    world.stdout.write(`\n${table(head, hosts.map(summaryRow), world)}`);
    const stacks = await engine.stacks();
    const clear = stacks.length === 1 || stacks.some((each) => each.selected && each.name === stack);
    const where = clear ? '' : ` --stack ${stack}`;
    world.stdout.write(`\nNext: npx postern ssh ${hosts[0]?.name}${where}\n`);
    return exitCode.ok;
  },
};

function summaryRow(host: HostOutput): Cell[] {
  const { name, address, addressV6, network, exposure } = host;
  return [
    name,
    addressV6 === null ? address : `${address}\n${addressV6}`,
    network,
    reachable(exposure.filter(({ access }) => ['anywhere', 'networks', 'unknown'].includes(access.to))),
    reachable(exposure.filter(({ access }) => access.to === 'knocker')),
    evidenceCell(host),
  ].map(plain);
}

/** A line for each port; one that differs between IPv4 and IPv6 says which. */
function reachable(rows: readonly Exposure[]): string {
  const lines = rows.map((row) => ({ family: row.family, text: portText(row) }));
  const texts = [...new Set(lines.map(({ text }) => text))].map((text) => {
    const families = lines.filter((line) => line.text === text).map(({ family }) => family);
    return families.length > 1 ? text : `${text}, ${families[0] === 'ipv4' ? 'IPv4' : 'IPv6'}`;
  });
  return texts.join('\n') || 'nothing';
}

function portText({ port, protocol, purpose, access }: Exposure): string {
  if (access.to === 'knocker')
    return `${port} ${purpose}${access.seconds === null ? ', until closed' : `, for ${access.seconds} s`}`;
  const what = port === null ? purpose : `${port}${protocol === 'tcp' ? '' : `/${protocol}`} ${purpose}`;
  return access.to === 'networks' ? `${what}, from ${access.networks.join(' ')}` : what;
}

function evidenceCell({ evidence, sealedAt }: HostOutput): string {
  const families = [...new Set(evidence.map(({ family }) => family.replace('ipv', 'v')))].sort();
  const over = families.length === 0 ? '' : `, ${families.join('+')}`;
  const count = evidence.length === 1 ? '1 check' : `${evidence.length} checks`;
  return `${count}${over}\n${shortTime(sealedAt)}`;
}
