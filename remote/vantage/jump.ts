import { isIP } from 'node:net';
import type { Sequence } from '../../posture/knock/sequence.ts';
import { type Family, isAddress, resolveAddress } from '../address.ts';
import { RemoteError } from '../error.ts';
import { isBurst } from '../knock-retry.ts';
import type { PingState } from '../ping.ts';
import type { TcpProbe } from '../probe.ts';
import { packetsOf } from '../spa.ts';
import { expectSuccess } from '../ssh/result.ts';
import { type OpenOptions, openSession, type Session } from '../ssh/session.ts';
import type { Hop, SshTarget } from '../ssh/target.ts';
import type { Vantage } from '../vantage.ts';
import { Batch } from './batch.ts';
import { jumpHelper, sendProgram, type Tool, toolNamed } from './send-program.ts';

/** Seconds that a jump host may take to answer, besides what is waited for there. */
const PATIENCE = 15;

/** How a session is opened; tests put their own in. */
export type Open = (
  target: SshTarget,
  options: OpenOptions,
) => Promise<Pick<Session, 'alive' | 'run' | 'close'>>;

interface Probe {
  readonly address: string;
  readonly port: number;
  readonly timeoutMilliseconds: number;
  readonly resolve: (found: TcpProbe) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A jump host: knocks and probes are sent from there, over a session of their own that is opened when it is first
 * needed, and again when it broke. The jump host needs python3 or bash.
 */
export function jumpVantage(hop: Hop, open: Open = openSession): Vantage {
  return new JumpVantage(hop, open);
}

class JumpVantage implements Vantage {
  readonly name: string;
  readonly #hop: Hop;
  readonly #open: Open;
  readonly #probes = new Batch<Probe>((probes) => void this.#probe(probes));
  #session: ReturnType<Open> | undefined;
  #tool: Tool | undefined;

  constructor(hop: Hop, open: Open) {
    this.name = `the jump host ${hop.address}`;
    this.#hop = hop;
    this.#open = open;
  }

  async problem(): Promise<string | undefined> {
    try {
      await this.#sender(await this.#connected());
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async resolve(host: string, family: Family): Promise<string> {
    if (isIP(host) !== 0 || !isAddress(host)) return resolveAddress(host, family);
    const address = await this.#look(`resolve ${host}`, 'resolve', String(family), host);
    if (isIP(address) === family) return address;
    throw new RemoteError(
      'unresolved',
      `${host} has no IPv${family} address on ${this.name}. Check the name, or give an address.`,
    );
  }

  async knock(address: string, sequence: Sequence, gapMilliseconds?: number): Promise<void> {
    checkLiteral(address);
    // Its programs take their own time between two knocks, so a burst would be the same again, and take a session each.
    if (sequence.length > 1 && isBurst(gapMilliseconds)) return;
    const session = await this.#connected();
    const tool = await this.#sender(session);
    const lines = (await packetsOf(sequence)).map(({ port, protocol, payload = '' }) =>
      `knock ${protocol} ${address} ${port} ${payload}`.trimEnd(),
    );
    const { code, stdout } = await session.run({ ...sendProgram(tool, lines), timeoutSeconds: PATIENCE });
    // What was written besides could name ports.
    if (code !== 0)
      throw new RemoteError('program', `could not knock from ${this.name}: exit status ${code}`);
    if (stdout !== '')
      throw new RemoteError('local', `a knock could not leave ${this.name}. Check its route to the host.`);
  }

  async probeTcp(address: string, port: number, timeoutMilliseconds: number): Promise<TcpProbe> {
    checkLiteral(address);
    return new Promise((resolve, reject) => {
      this.#probes.add({ address, port, timeoutMilliseconds, resolve, reject });
    });
  }

  async ping(address: string): Promise<PingState> {
    checkLiteral(address);
    const answer = await this.#look('send an echo request', 'ping', address);
    return answer === 'answered' || answer === 'silent' ? answer : 'unknown';
  }

  async localAddressFor(address: string): Promise<string | undefined> {
    checkLiteral(address);
    const answer = await this.#look('look up a route', 'source', address);
    return isIP(answer) === 0 ? undefined : answer;
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    await session?.close();
  }

  /** One program for all of them; each is settled as soon as its line comes. */
  async #probe(probes: readonly Probe[]): Promise<void> {
    try {
      const session = await this.#connected();
      const tool = await this.#sender(session);
      const lines = probes.map(
        ({ address, port, timeoutMilliseconds }, index) =>
          `probe ${index} ${address} ${port} ${timeoutMilliseconds / 1000}`,
      );
      const longest = Math.max(...probes.map((probe) => probe.timeoutMilliseconds));
      const result = await session.run({
        ...sendProgram(tool, lines),
        timeoutSeconds: PATIENCE + longest / 1000,
        onStdoutLine: (line) => this.#found(probes, line),
      });
      expectSuccess(result, `probe from ${this.name}`);
      throw new RemoteError('program', `a probe from ${this.name} found nothing.`);
    } catch (error) {
      // Those that are settled stay so.
      for (const { reject } of probes) reject(error);
    }
  }

  #found(probes: readonly Probe[], line: string): void {
    const [index = '', state = '', took = ''] = line.split(' ');
    const probe = probes[Number(index)];
    const milliseconds = took === '' ? Number.NaN : Number(took) / 1000;
    const rttMilliseconds = milliseconds >= 0 && milliseconds < 60_000 ? milliseconds : undefined;
    if (state === 'silent') probe?.resolve({ state, rttMilliseconds: undefined });
    else if (state === 'open' || state === 'refused' || state === 'unreachable')
      probe?.resolve({ state, rttMilliseconds });
    else probe?.reject(new RemoteError('local', `a probe could not leave ${this.name}.`));
  }

  async #look(what: string, ...question: readonly string[]): Promise<string> {
    const session = await this.#connected();
    const result = await session.run({ ...jumpHelper(...question), timeoutSeconds: PATIENCE });
    return expectSuccess(result, `${what} on ${this.name}`).trim();
  }

  async #connected(): ReturnType<Open> {
    const last = this.#session;
    const session = await last?.catch(() => undefined);
    if (session?.alive === true) return session;
    // Somebody else who found it broken may have been quicker.
    if (this.#session === last || this.#session === undefined) {
      this.#session = this.#open({ ...this.#hop, sudo: false }, { timeoutSeconds: PATIENCE }).catch(
        (error) => {
          throw ofJumpHost(error);
        },
      );
      await session?.close();
    }
    return this.#session;
  }

  async #sender(session: Awaited<ReturnType<Open>>): Promise<Tool> {
    if (this.#tool !== undefined) return this.#tool;
    const result = await session.run({ ...jumpHelper('tool'), timeoutSeconds: PATIENCE });
    this.#tool = toolNamed(expectSuccess(result, `look for python3 on ${this.name}`));
    if (this.#tool !== undefined) return this.#tool;
    throw new RemoteError(
      'program',
      `${this.name} has nothing to knock and probe with; install python3, or bash 4.4 or newer, there.`,
    );
  }
}

/** The same error, saying that it is the jump host which is meant. */
function ofJumpHost(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  const key =
    error.kind === 'auth-refused' ? ' Its key is target.jump.identity, else those of your agent.' : '';
  return new RemoteError(error.kind, `the jump host could not be used: ${error.message}${key}`);
}

// It becomes a word of a line.
function checkLiteral(address: string): void {
  if (isIP(address) === 0) throw new TypeError('the address to knock at or probe has to be an IP address');
}
