import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What of a connection the tests need. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

/** Where hosts are folders of this machine: a folder in it for each, called like its host key. */
const HOSTS = process.env['STAND_IN_HOSTS'];

/** Runs a command on a host; resolves to what it printed. */
export function run(connection: Connection, command: string, stdin: string | Buffer = ''): string {
  return HOSTS === undefined
    ? overSsh(connection, command, stdin)
    : inFolder(HOSTS, connection, command, stdin);
}

function inFolder(hosts: string, { hostKey }: Connection, command: string, stdin: string | Buffer): string {
  const home = join(hosts, hostKey.split(' ')[1] ?? '');
  mkdirSync(home, { recursive: true });
  appendFileSync(join(home, 'commands'), `${command.replaceAll(/^#.*\n/gm, '')}\n`);
  return outcome(
    spawnSync('sh', ['-c', command], {
      cwd: home,
      env: { ...process.env, ROOT: home },
      input: stdin,
      encoding: 'utf8',
    }),
  );
}

/** Logs in as the real plugin does: this key, this host key, nothing of the user's. */
function overSsh(connection: Connection, command: string, stdin: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-command-'));
  try {
    const [identity, known] = [join(folder, 'identity'), join(folder, 'known_hosts')];
    writeFileSync(identity, connection.privateKey, { mode: 0o600 });
    writeFileSync(known, `task ${connection.hostKey}\n`);
    const options = [
      'BatchMode=yes',
      'ConnectTimeout=5',
      'HostKeyAlias=task',
      'HostKeyAlgorithms=ssh-ed25519',
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=yes',
      `UserKnownHostsFile=${known}`,
    ].flatMap((option) => ['-o', option]);
    const target = ['-i', identity, '-p', String(connection.port), `${connection.user}@${connection.host}`];
    const argv = ['-F', 'none', ...options, ...target, '--', command];
    return outcome(spawnSync('ssh', argv, { input: stdin, encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcome(done: { status: number | null; stdout: string; stderr: string }): string {
  if (done.status !== 0) throw new Error(`exit status ${done.status}: ${done.stderr}`);
  return done.stdout.trim();
}
