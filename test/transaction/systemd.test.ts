import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const PROGRAM = join(import.meta.dirname, '../../transaction/server/host/systemd.sh');

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

/** Runs shell beside a systemctl that answers, call by call, what these lines of shell do; the last one again and again. */
function asked(shell: string, answers: readonly string[]) {
  const file = join(folder, 'systemctl');
  const cases = answers.map(
    (answer, index) => `${index === answers.length - 1 ? '*' : index + 1}) ${answer} ;;`,
  );
  writeFileSync(
    file,
    `#!/bin/sh\necho "$*" >>${folder}/calls\ncase $(wc -l <${folder}/calls) in\n${cases.join('\n')}\nesac\n`,
    { mode: 0o755 },
  );
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', `. ${PROGRAM}\n${shell}`], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH']}` },
  });
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
  return { status, stdout, stderr, calls };
}

const UNHEARD = [
  'Failed to connect to bus: Connection refused',
  'Failed to reload daemon: Transport endpoint is not connected',
  'Failed to stop x.service: Connection reset by peer',
  'Warning! D-Bus connection terminated.',
  'Failed to get properties: Remote peer disconnected',
  'Failed to start x.service: Message recipient disconnected from message bus without replying',
  'Failed to connect to system scope bus via local transport: No such file or directory',
].map((words) => `echo "${words}" >&2; exit 1`);

describe('systemctl on a host whose systemd executes itself anew', () => {
  it.each(UNHEARD)('is asked again, and its answer is the one that counts: %s', (unheard) => {
    const found = asked('systemctl -q show x.service', [unheard, unheard, 'echo Id=x.service']);
    expect(found).toEqual({
      status: 0,
      stdout: 'Id=x.service\n',
      stderr: '',
      calls: Array(3).fill('-q show x.service'),
    });
  });

  it.each([
    ['is-active x.service', 'echo inactive; exit 3', 3, 'inactive\n', ''],
    ['start x.service', 'echo Job for x.service failed. >&2; exit 1', 1, '', 'Job for x.service failed.\n'],
    [
      'show x',
      'echo "System has not been booted with systemd as init system (PID 1). Can\'t operate." >&2; echo "Failed to connect to bus: Host is down" >&2; exit 1',
      1,
      '',
      expect.stringContaining('Host is down'),
    ],
  ])('is believed at once when it refuses: %s', (words, answer, status, stdout, stderr) => {
    expect(asked(`systemctl ${words}`, [answer])).toEqual({ status, stdout, stderr, calls: [words] });
  });

  it('is left after a while by whoever may not wait for a job', () => {
    const found = asked('systemctl_within 1 stop x.service || systemctl stop --no-block x.service', [
      'exec sleep 20',
      ':',
    ]);
    expect(found).toMatchObject({ status: 0, calls: ['stop x.service', 'stop --no-block x.service'] });
  });
});
