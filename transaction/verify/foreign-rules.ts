import { BlockList, isIP } from 'node:net';

/**
 * Whether one of the host's own firewall rules, which are kept, may make a TCP port answer a source: an allowed
 * connection answers, and so does a rejected one. What a rule is not understood to exclude, it may do.
 *
 * @param rule as `ufw show added` or `iptables-save` has it, without `ufw`.
 * @param source IP literal; empty when it is not known.
 */
export function mightOpen(rule: string, port: number, source: string): boolean {
  return openedBy(rule, source)(port);
}

/** The same for many ports of one rule. */
export function openedBy(rule: string, source: string): (port: number) => boolean {
  const words = wordsOf(rule);
  const uncertain = words.includes('!');
  const from = after(words, 'from', '-s');
  const elsewhere = isElsewhere(words) || (from !== undefined && from !== 'any' && !covers(from, source));
  if (isOtherChain(words) || (!uncertain && elsewhere)) return () => false;
  const ports = portsOf(words);
  if (uncertain || ports === undefined) return () => true;
  return (port) => ports.some(([low, high]) => low <= port && port <= high);
}

/** TCP or UDP, or undefined where a rule is about both. */
export function ruleProtocol(rule: string): string | undefined {
  const words = wordsOf(rule);
  return after(words, 'proto', '-p') ?? words.find((word) => /\/(tcp|udp)$/.test(word))?.slice(-3);
}

/** Ranges of destination ports that a rule names; undefined when it names none that is understood. */
export function rulePorts(rule: string): [low: number, high: number][] | undefined {
  return portsOf(wordsOf(rule));
}

/** A rule as ufw shows it, without the comment at its end. */
export function withoutComment(rule: string): string {
  const at = rule.indexOf(COMMENT);
  return at >= 0 && rule.endsWith("'") && rule.length > at + COMMENT.length ? rule.slice(0, at) : rule;
}

const COMMENT = " comment '";

// Which interface it is not, such as docker's own, does not matter: packets from outside come by another.
function wordsOf(rule: string): string[] {
  return withoutComment(rule)
    .replace(/ ! -i \S+/, '')
    .split(/\s+/);
}

/** INPUT alone decides on what is for the host, but what is redirected never gets there, or as another port. */
function isOtherChain([first, chain, ...words]: readonly string[]): boolean {
  return first === '-A' && chain !== 'INPUT' && !['DNAT', 'REDIRECT'].includes(after(words, '-j') ?? '');
}

/** Denies in silence, or is about other packets than new TCP connections to the host. */
function isElsewhere(words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  if (first === '-A') {
    if (after(words, '-j') === 'DROP' || after(words, '-i') === 'lo') return true;
    const states = after(words, '--ctstate', '--state');
    if (states !== undefined && !/NEW|INVALID|UNTRACKED/.test(states)) return true;
  } else if (['deny', 'route'].includes(first) || second === 'out') return true;
  const protocol = after(words, 'proto', '-p') ?? words.find((word) => /\/(tcp|udp)$/.test(word))?.slice(-3);
  return protocol !== undefined && !['tcp', 'any', 'all'].includes(protocol);
}

function after(words: readonly string[], ...names: readonly string[]): string | undefined {
  const index = words.findIndex((word) => names.includes(word));
  return index < 0 ? undefined : words[index + 1];
}

function covers(network: string, source: string): boolean {
  const [address = '', prefix] = network.split('/');
  const family = isIP(address);
  if (family === 0 || source === '') return true;
  if (family !== isIP(source)) return false;
  const list = new BlockList();
  const name = family === 6 ? 'ipv6' : 'ipv4';
  const bits = Number(prefix ?? (family === 6 ? 128 : 32));
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) return true;
  list.addSubnet(address, bits, name);
  return list.check(source, name);
}

/** Ports and ranges that one rule takes, in iptables as in ufw. */
const MOST_PARTS = 15;

function portsOf(words: readonly string[]): [low: number, high: number][] | undefined {
  // What ufw calls by name and every host may have.
  if (words.some((word) => /^(open)?ssh$/i.test(word))) return [[22, 22]];
  const to = words.indexOf('to');
  const named =
    after(words, '--dport', '--dports') ??
    (to < 0 ? undefined : after(words.slice(to), 'port')) ??
    words.find((word, index) => index > 0 && /^[\d:,]+(\/tcp)?$/.test(word) && !words.includes('from'));
  if (named === undefined || !/^[\d:,]+(\/tcp)?$/.test(named)) return undefined;
  const parts = named.replace('/tcp', '').split(',');
  if (parts.length > MOST_PARTS) return undefined;
  return parts.map((part) => {
    const [low = '', high = low] = part.split(':');
    return [Number(low), Number(high)];
  });
}
