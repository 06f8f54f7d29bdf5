import path from 'node:path';
import { runProgram } from '../../lab/program.ts';
import { linkTo } from './scan.ts';

const PROGRAM = path.join(import.meta.dirname, 'odd.py');

/** Seconds that fragments are waited for, once nothing follows them (`unlimitIcmpErrors`), and some. */
const WAIT = 1.6;

/** What packets that are no plain connection are sent with. */
export interface OddOptions {
  /** The port in those that have one. */
  readonly port: number;
  /** A UDP port that a plain datagram goes to, to see an answer; default: none. */
  readonly served?: number;
  /** Echo requests are answered, also odd ones. */
  readonly echo?: boolean;
}

/**
 * Sends a host packets with broken and with unknown options and extension headers, lone fragments, jumbograms, every other
 * protocol and type of ICMP; what it answers, and how many packets were sent.
 *
 * @throws Error when they could not be sent.
 */
export async function oddAnswers(
  { address, source }: { readonly address: string; readonly source: string },
  { port, served = 0, echo = false }: OddOptions,
): Promise<{ answers: string[]; sent: number }> {
  const link = await linkTo(address);
  const argv = [source, address, link, WAIT, port, served].map(String);
  const { code, stdout, stderr } = await runProgram(['python3', PROGRAM, ...argv], { timeoutSeconds: 60 });
  if (code !== 0) throw new Error(`odd.py: ${stderr}`);
  const lines = stdout.trim().split('\n');
  const sent = Number(lines.pop()?.replace('sent ', ''));
  return { answers: lines.filter((line) => !(echo && /^icmp(v6)? (0|129)\/0 /.test(line))), sent };
}
