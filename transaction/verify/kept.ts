import { BlockList, isIP } from 'node:net';

/**
 * Whether one of the host's own firewall rules, which are kept, may make a TCP port answer a source: an allowed
 * connection answers, and so does a rejected one. What a rule is not understood to exclude, it may do.
 *
 * @param rule as `ufw show added` or `iptables-save` has it, without `ufw`.
 * @param source IP literal; empty when it is not known.
 */
export function mayAnswer(rule: string, port: number, source: string): boolean {
  const words = wordsOf(rule);
  if (isOtherChain(words)) return false;
  const uncertain = words.includes('!');
  if (!uncertain && isElsewhere(words)) return false;
  const from = after(words, 'from', '-s');
  if (!uncertain && from !== undefined && from !== 'any' && !covers(from, source)) return false;
  const ports = portsOf(words);
  return uncertain || ports === undefined || ports.some(([low, high]) => low <= port && port <= high);
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

// Which interface it is not, such as docker's own, does not matter: packets from outside come by another.
function wordsOf(rule: string): string[] {
  return rule
    .replace(/ comment '.*'$/, '')
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
  list.addSubnet(address, Number(prefix ?? (family === 6 ? 128 : 32)), name);
  return list.check(source, name);
}

function portsOf(words: readonly string[]): [low: number, high: number][] | undefined {
  // What ufw calls by name and every host may have.
  if (words.some((word) => /^(open)?ssh$/i.test(word))) return [[22, 22]];
  const to = words.indexOf('to');
  const named =
    after(words, '--dport', '--dports') ??
    (to < 0 ? undefined : after(words.slice(to), 'port')) ??
    words.find((word, index) => index > 0 && /^[\d:,]+(\/tcp)?$/.test(word) && !words.includes('from'));
  if (named === undefined || !/^[\d:,]+(\/tcp)?$/.test(named)) return undefined;
  return named
    .replace('/tcp', '')
    .split(',')
    .map((part) => {
      const [low = '', high = low] = part.split(':');
      return [Number(low), Number(high)];
    });
}
