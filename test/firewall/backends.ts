import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../../lab/vps.ts';
import type { BackendName } from '../../posture/firewall/backend.ts';
import { probeTcp } from '../../remote/probe.ts';
import { inside } from '../transaction/fixture.ts';

/** What the contract has to know of a backend besides its name. */
export interface ContractCase {
  readonly backend: BackendName;
  /** Commands of an administrator's that reload or restart the firewall, through which nothing may stand open. */
  readonly reloads: readonly string[];
  /** Such through which the front door stays shut, while the other ports stand open for a moment. */
  readonly leaky?: readonly string[];
  /** Has packets logged that no rule lets in, and no longer; none where nothing can come behind Postern's own rules. */
  readonly logs?: { readonly on: string; readonly off: string };
  /** Something done to the rules by hand, which is drift, and how it is taken back. */
  readonly byHand: string;
  readonly byHandBack: string;
}

/** A table of the owner's, before every chain that decides. */
const WATCH = {
  on: `nft 'add table inet watch; add chain inet watch in { type filter hook input priority filter - 1; }; add rule inet watch in log prefix "watch "'`,
  off: 'nft delete table inet watch',
};

const OWN = 'systemctl restart postern-firewall.service';

/** All four; `POSTERN_BACKENDS=nftables,ufw` picks some. */
export const BACKENDS: readonly ContractCase[] = [
  {
    backend: 'ufw',
    reloads: ['for time in 1 2 3; do systemctl restart ufw.service; done', OWN],
    // ufw does it by `disable` and `enable`.
    leaky: ['ufw reload'],
    logs: { on: 'ufw logging full', off: 'ufw logging low' },
    byHand: 'ufw allow 9998/tcp',
    byHandBack: 'ufw delete allow 9998/tcp',
  } as const,
  {
    backend: 'firewalld',
    reloads: [
      'firewall-cmd --reload',
      'firewall-cmd --complete-reload',
      'systemctl restart firewalld.service',
      'for time in 1 2 3; do systemctl kill -s KILL firewalld.service; sleep 3; done',
      OWN,
    ],
    logs: WATCH,
    byHand: 'firewall-cmd --permanent --add-port=9998/tcp && firewall-cmd --reload',
    byHandBack:
      'firewall-cmd --permanent --remove-port=9998/tcp; install -m 644 /etc/postern/zone.xml /etc/firewalld/zones/public.xml; rm -f /etc/firewalld/zones/*.old; firewall-cmd --reload',
  } as const,
  {
    backend: 'iptables',
    reloads: [
      'iptables-restore </etc/iptables/rules.v4; ip6tables-restore </etc/iptables/rules.v6',
      'systemctl reload postern-firewall.service',
      OWN,
    ],
    byHand: 'iptables -I POSTERN-INPUT -p tcp --dport 9998 -j ACCEPT',
    byHandBack: 'iptables -D POSTERN-INPUT -p tcp --dport 9998 -j ACCEPT',
  } as const,
  {
    backend: 'nftables',
    reloads: [
      'nft -f /etc/postern/firewall.nft',
      'systemctl reload postern-firewall.service',
      OWN,
      // Its file and its stop flush every table.
      'for verb in restart reload stop; do systemctl $verb nftables.service; done',
    ],
    logs: WATCH,
    byHand: 'nft insert rule inet postern input tcp dport 9998 accept',
    byHandBack: 'systemctl reload postern-firewall.service',
  } as const,
].filter(({ backend }) => (process.env['POSTERN_BACKENDS'] ?? backend).split(',').includes(backend));

/** Services that listen on TCP ports of a host, over both families, from every boot on, and wait for no network. */
export async function listen(vps: LabVps, ports: readonly number[]): Promise<void> {
  await inside(
    vps,
    `cat >/etc/systemd/system/listener.service <<'EOT'
[Service]
ExecStart=/usr/bin/python3 -c "import socket,select; s=[socket.create_server(('::', p), family=socket.AF_INET6, dualstack_ipv6=True) for p in (${ports.join(',')})]\\nwhile True: [l.accept()[0].close() for l in select.select(s, [], [])[0]]"
[Install]
WantedBy=multi-user.target
EOT
    systemctl daemon-reload && systemctl enable -q --now listener.service`,
  );
}

/** Nobody has knocked any more. */
export async function shut(vps: LabVps): Promise<void> {
  await inside(
    vps,
    '. /etc/postern/door.conf; . /usr/local/lib/postern/firewall; for a in $(door_list); do door_close "$a"; done; door_forget 4; door_forget 6',
  );
}

/**
 * Probes ports all the time until it is told to stop; then says which were seen open. `refused` is when the last probe left that
 * a host answered with a reset, in microseconds of this machine's clock since its boot, which is also that of lab hosts.
 */
export function watchPorts(
  targets: readonly { address: string; port: number; sourceAddress?: string | undefined }[],
): {
  stop: () => Promise<string[]>;
  refused: () => number;
} {
  let running = true;
  let refused = 0;
  const seen = new Set<string>();
  const watch = async ({ address, port, sourceAddress }: (typeof targets)[number]) => {
    while (running) {
      const at = Number(process.hrtime.bigint() / 1000n);
      const { state } = await probeTcp({ address, port, sourceAddress, timeoutMilliseconds: 40 });
      if (state === 'open') seen.add(`${address} ${port}`);
      if (state === 'refused') refused = Math.max(refused, at);
      await sleep(2);
    }
  };
  const watches = Promise.all(targets.map(watch));
  return {
    stop: async () => {
      running = false;
      await watches;
      return [...seen];
    },
    refused: () => refused,
  };
}
