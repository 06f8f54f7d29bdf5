import type { Facts } from '../facts/facts.ts';

/** A port that a program of the host listens on, for others than the host itself. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Families in which it is reached. */
  readonly families: readonly (4 | 6)[];
  /** As the kernel has its name, at most 15 characters; empty where the kernel itself listens. */
  readonly program: string;
}

/** What DHCP clients listen on; their answers come through every firewall of Postern. */
const DHCP_CLIENTS: readonly string[] = ['udp 68', 'udp 546'];

/** Ports of the link's own name resolution, which systemd-resolved has open on some releases. */
const LINK_NAMES: readonly number[] = [5353, 5355];

/** What Linux gives to whoever asks for any port, unless it is told otherwise. */
const LINUX_EPHEMERAL = '32768 60999';

/** Clients whose socket has a port that the kernel chose: answers find it by the connection, no rule is needed. */
const CLIENTS =
  /^(systemd-(timesyn|resolve|network)|chronyd|ntpd|ntpdate|dnsmasq|unbound|named|rsyslogd|avahi-daemon|dhclient|dhcpcd|NetworkManager|openvpn|cloudflared|pdns_recursor|tailscaled)/;

/** What clients of time and of Tailscale always have open, for answers to what they asked. */
const CLIENT_PORTS = /^123 (ntpd|chronyd|ntp)|^41641 tailscaled/;

/** What listens on a host for others, without what a change moves itself (sshd) or never cuts off (a DHCP client). */
export function listeners(facts: Pick<Facts, 'raw' | 'sshPorts'>): Listener[] {
  const [low = 0, high = 0] = (facts.raw.get('ephemeral')?.[0] ?? LINUX_EPHEMERAL).split(/\s+/).map(Number);
  const found = new Map<string, Listener>();
  for (const line of facts.raw.get('listening') ?? []) {
    const listener = listenerOf(line);
    if (listener === undefined) continue;
    const { protocol, port, program } = listener;
    const name = `${protocol} ${port}`;
    if (DHCP_CLIENTS.includes(name) || (protocol === 'tcp' && facts.sshPorts.includes(port))) continue;
    if (program === 'systemd-resolve' && LINK_NAMES.includes(port)) continue;
    if (protocol === 'udp' && low <= port && port <= high && CLIENTS.test(program)) continue;
    if (protocol === 'udp' && CLIENT_PORTS.test(`${port} ${program}`)) continue;
    const key = `${name} ${program}`;
    const families = [...new Set([...(found.get(key)?.families ?? []), ...listener.families])];
    found.set(key, { ...listener, families });
  }
  return [...found.values()].sort((left, right) => left.port - right.port);
}

/** `tcp 0.0.0.0:9001 tor`; undefined for loopback, and for what is not understood to be a port. */
function listenerOf(line: string): Listener | undefined {
  const [, protocol, address = '', digits, program = ''] =
    /^(tcp|udp) (\S+):(\d{1,5})(?: (.*))?$/.exec(line) ?? [];
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  const families = familiesOf(address);
  return families.length === 0 ? undefined : { protocol, port: Number(digits), families, program };
}

function familiesOf(local: string): (4 | 6)[] {
  const [address = '', link] = local.replace(/[[\]]/g, '').split('%');
  const plain = address.replace(/^::ffff:/, '');
  if (link === 'lo' || plain.startsWith('127.') || plain === '::1') return [];
  if (plain === '*') return [4, 6];
  return [plain.includes(':') ? 6 : 4];
}
