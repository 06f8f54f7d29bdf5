import { runProgram } from '../../lab/program.ts';

/** Every TCP port that answers anything at all, open or closed, to a scan of all of them. */
export async function scanTcp(address: string, sourceAddress?: string): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(
    [
      'nmap',
      ...['-n', '-Pn', '-sS', '-T5', '--min-rate', '20000', '--max-retries', '1', '--min-parallelism', '300'],
      ...['-p-', '-oG', '-'],
      ...(address.includes(':') ? ['-6'] : []),
      ...(sourceAddress === undefined ? [] : ['-S', sourceAddress, '-e', await linkTo(address)]),
      address,
    ],
    { timeoutSeconds: 120 },
  );
  if (code !== 0) throw new Error(`nmap: ${stderr}`);
  return [...stdout.matchAll(/(\d+)\/(open|closed|unfiltered)\/tcp/g)].map(([, port]) => port ?? '');
}

async function linkTo(address: string): Promise<string> {
  const { stdout } = await runProgram(['ip', '-o', 'route', 'get', address]);
  const link = / dev (\S+)/.exec(stdout)?.[1];
  if (link === undefined) throw new Error(`no route to ${address}`);
  return link;
}
