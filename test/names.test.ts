import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Plain English and the field's terms, which names of folders and files are made of. */
const PLAIN = `
  access account address addresses admin afterwards agent aging algorithms allowed alone ansible answering apt
  architecture arguments arm arrival ask askpass audit backends ban banner barrier base bash batch bench beside
  blocks boot bounded build bundle busy by bystander bytes call candidates capture cases cgroup chain change
  channel chaos check checks choose ci cli client clients clock close cloud command commands commit compare
  components config configuration conflicts connect connection console contains contender contenders context
  contract contributing copy create creates creator customize cut daemon damage data dead debian decisions decoys
  default deployer deployment destroy devnet diagnose digitalocean disk dnf docker docs doctor down download dpkg
  dress droplet droplets durable e2e each earlier early effective elsewhere empty end engines environment error
  errors event examine examples exchange exec exemption existing exit exported fact factor facts fail2ban failed
  fake fallback family fault faults fields file files findings fingerprint firewall firewalld first fixture fleet
  floor folder for force foreign foreseen forgetful free from fwknop garbage generate go guides half hand handler
  hang harden hardened hardening head heartbeat help helper here home hook hooks host hostile hosts icmp
  identities identity image in include index input inputs inspect installed interface interrupt interrupted
  invalid ip iptables ipv6 job jobs journal jump keep keeper keeping kept kernel key keys kill killed knockd
  knocking knocks known lab language late latency lazy leftovers lib life lifetime limits line lines link lint
  list listen listener listeners listening live local location lock locked lockout log login logins long look
  lossy lost machine made main mainnet make map marks measure measured memory messages mirror misread mmdebstrap
  modules moment names nat negative network networks newer next nft nftables node noise numbers odd offered on
  only open openssh operation operator options out outage outcome output outputs outside overlapped own owner
  package packages pairs parallel path pause peers penalties pending performance phases ping pinned pipe place
  plain plan plugin point policies pool port ports postern power preflight prepare preview private probe problem
  problems process processes program programs progress project proof provider proxy public pull pulumi pyinfra
  python quiet quote race random reachable read ready reasons reboot recent redirects reexec reference refresh
  refusal refusals refused release releases remote removal removals renamed repair report repository request reset
  resolve resource resources restore restorer result results retry rhel rm rollback rollout room rows rule rules
  run runs safety said same sample sampler sandbox sanitise saved say scan scans scenario schema scorecard script
  scripted seams second secret secrets semaphore send serve served server service services session sessions sets
  setting settings setup shell silence silent slow socket soon source spa spare squatted squatter ssh sshd stack
  stacks stage start started startup state states statistics status step storage stream suite sum summary
  supervise support switch switching system systemctl systemd systems table taken target task tasks temporary test
  testnet text texts throttle time timeout tools totp transaction transport trial triggers tunnel udp ufw undo
  unexpected unfinished units unknown unlisted unsealed up upgrades urn use user validate values verdict verify
  version views vitest vps wait warnings watch watched way ways with without work workspace wrapper yaml zod
`
  .trim()
  .split(/\s+/);

/** Terms of Postern's own, each in bold in docs/architecture.md. */
const own = (
  /^## Words\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(
    readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8'),
  )?.[1] ?? ''
).matchAll(/\*\*([^*]+)\*\*/g);
const OWN = [...own].flatMap(([, term = '']) => term.split(/[\s,]+/));

/** Files whose names others prescribe, and recorded texts, which are named after what they hold. */
const NOT_OURS =
  /^(package|tsconfig|biome|[A-Z]+\.md|LICENSE|Pulumi)|^(docs\/decisions|test\/posture\/(golden|facts)|test\/cli\/golden|test\/transaction\/recorded|lab\/base\/files|bench\/peers)\//;

const names = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && !NOT_OURS.test(path));

it('names folders and files by plain words, the field’s, or those of docs/architecture.md', () => {
  const known = new Set([...PLAIN, ...OWN]);
  const unknown = names.flatMap((path) =>
    path
      .replace(/(\.lab)?(\.test)?\.[a-z]+$/, '')
      .split(/[/._-]/)
      .filter((word) => word !== '' && !known.has(word.toLowerCase()) && !/^\d+$/.test(word))
      .map((word) => `${path}: ${word}`),
  );
  expect(unknown).toEqual([]);
});

it('lists no word that no name has', () => {
  const used = new Set(names.flatMap((path) => path.toLowerCase().split(/[/._-]/)));
  expect(PLAIN.filter((word) => !used.has(word))).toEqual([]);
});
