import type { LabVps } from '../../lab/vps.ts';
import { answering } from '../../posture/exposure/answering.ts';
import { exposureOf } from '../../posture/exposure/exposure.ts';
import { probeTcp } from '../../remote/probe.ts';
import type { Job } from '../../transaction/job.ts';
import { knockedOpen } from '../transaction/door.ts';
import { scanTcp } from '../transaction/scan.ts';
import { bystanderOf } from './bystander.ts';
import { ask } from './host.ts';
import { wayIn } from './way-in.ts';

/** What is wrong with a sealed host: to its owner, to whoever knocks from elsewhere, and to a bystander. */
export async function sealedProblems(vps: LabVps, job: Job): Promise<string[]> {
  const problems: string[] = [];
  const [knocker = ''] = vps.otherClients;
  const bystander = await bystanderOf(vps);
  const { posture } = job;
  if (!(await knockedOpen(vps, job, { address: vps.address, sourceAddress: knocker })))
    problems.push('the door does not open for the sequence');
  const due = answering(exposureOf(posture), { source: bystander.ipv4 })
    .filter(({ protocol, port }) => protocol === 'tcp' && port !== undefined)
    .map(({ port }) => String(port));
  const found = await scanTcp(vps.address, bystander.ipv4);
  const strays = found.filter((port) => !due.includes(port));
  if (strays.length > 0) problems.push(`a bystander sees TCP ports ${strays.join(', ')}`);
  for (const port of [posture.ssh.port, posture.backup.port]) {
    const probe = { address: vps.addressV6, port, sourceAddress: bystander.ipv6, timeoutMilliseconds: 500 };
    const { state } = await probeTcp(probe);
    if (state !== 'silent') problems.push(`port ${port} is ${state} for a bystander over IPv6`);
  }
  const way = await wayIn({ ...job, previous: undefined }, 30);
  if (way !== 'new') problems.push(way === undefined ? 'nobody gets in' : 'it is open without a knock');
  return problems;
}

/** What is wrong with a host that was given back. */
export async function givenBackProblems(vps: LabVps, job: Job): Promise<string[]> {
  const problems: string[] = [];
  const way = await wayIn({ ...job, previous: undefined }, 30);
  if (way !== 'first') problems.push(way === undefined ? 'nobody gets in' : 'it still takes knocks');
  const left = await ask(
    vps,
    'ls -d /var/lib/postern* /etc/postern /usr/local/lib/postern /etc/systemd/system/*postern* 2>/dev/null; nft list tables | grep postern',
  );
  if (left === undefined || left !== '')
    problems.push(`this is left: ${left?.trim().replaceAll('\n', ', ')}`);
  return problems;
}
