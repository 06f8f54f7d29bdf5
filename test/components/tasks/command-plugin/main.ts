import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@pulumi/pulumi/provider/index.js';
import { type Bag, unwrap } from '../../../../provider/values.ts';

/** What of `command:remote:Command` the tests need. */
interface Command {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly hostKey: string;
    readonly privateKey: string;
  };
  readonly create: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
}

/** Logs in as the real plugin does: this key, this host key, nothing of the user's. */
function run({ connection, stdin }: Command, command: string): string {
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
    const done = spawnSync('ssh', argv, { input: stdin ?? '', encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`exit status ${done.status}: ${done.stderr}`);
    return done.stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outs(inputs: Bag, text: (command: Command) => string): Bag {
  const command = unwrap(inputs) as unknown as Command;
  return { ...inputs, stdout: run(command, text(command)), stderr: '' };
}

await main(
  {
    version: '1.2.1',
    check: async (_urn, _olds, news) => ({ inputs: news }),
    diff: async (_id, _urn, olds, news) => {
      const changed = Object.keys(news).filter(
        (key) => JSON.stringify(unwrap(olds[key])) !== JSON.stringify(unwrap(news[key])),
      );
      return { changes: changed.length > 0 };
    },
    create: async (_urn, inputs) => ({ id: 'task', outs: outs(inputs, ({ create }) => create) }),
    update: async (_id, _urn, _olds, news) => ({
      outs: outs(news, ({ create, update }) => update ?? create),
    }),
    delete: async (_id, _urn, state) => {
      const command = unwrap(state) as unknown as Command;
      if (command.delete !== undefined) run(command, command.delete);
    },
  },
  process.argv.slice(2),
);
