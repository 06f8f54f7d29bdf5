import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allBackends } from '../../posture/firewall/backends.ts';
import {
  authorizedKeys,
  doorConf,
  packagesOf,
  payloadFiles,
  plainFileList,
  reviewFiles,
  sudoers,
  touchedPaths,
  touchedUnits,
} from '../../posture/host-files.ts';
import { allEngines } from '../../posture/knock/engines.ts';
import { golden, KEY, postureWith, SEQUENCES } from './fixture.ts';

const SERVER = join(import.meta.dirname, '../../transaction/server');

/** Every program of the transaction on the host, without comments. */
const programs = new Map(
  readdirSync(SERVER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(SERVER.length + 1), readFileSync(path, 'utf8').replaceAll(/^\s*#.*$/gm, '')];
    }),
);

describe('the files of a host', () => {
  it('are as expected', async () => {
    const posture = postureWith();
    await expect(sudoers(posture)).toMatchFileSnapshot(golden('sudoers'));
    await expect(doorConf(postureWith({ knock: { interface: 'eth1' } }))).toMatchFileSnapshot(
      golden('door.conf'),
    );
    expect(authorizedKeys(posture)).toBe(`${KEY}\n`);
  });

  it('leave the interface to be looked up where none is configured', () => {
    expect(doorConf(postureWith())).toMatch(/^interface=$/m);
  });

  it('need the packages of their backend and engine', () => {
    expect(packagesOf(postureWith())).toEqual(['ufw', 'iptables', 'knockd', 'sudo']);
  });

  it('are the same bytes for the same posture', () => {
    expect(payloadFiles(postureWith(), SEQUENCES)).toEqual(payloadFiles(postureWith(), SEQUENCES));
  });

  it('show a reviewer nothing of the sequences; knockd.conf and the rules that keep them out of the log hold them', () => {
    const ports = [...SEQUENCES.open, ...(SEQUENCES.close ?? [])].map(({ port }) => String(port));
    const holding = Object.entries(payloadFiles(postureWith(), SEQUENCES))
      .filter(([, content]) => ports.some((port) => content.includes(port)))
      .map(([name]) => name);
    expect(holding).toEqual([
      'plain/etc/knockd.conf',
      ...['/etc/postern', '/var/lib/postern/closed'].flatMap((folder) =>
        ['v4', 'v6'].map((version) => `plain${folder}/knock.${version}`),
      ),
    ]);
    expect(Object.keys(reviewFiles(postureWith()))).not.toContain('/etc/knockd.conf');
  });

  it('show a reviewer what the host gets', () => {
    const payload = Object.values(payloadFiles(postureWith(), SEQUENCES));
    const review = Object.entries(reviewFiles(postureWith())).filter(
      ([path]) => !path.includes('sshd_config.d'),
    );
    expect(review.length).toBeGreaterThan(4);
    for (const [path, content] of review) expect(payload, path).toContain(content);
  });

  it('are all used by the programs on the host', () => {
    const used = [...programs.values()].join('\n');
    const listed = plainFileList(postureWith(), SEQUENCES)
      .split('\n')
      .map((line) => line.split(' ')[1]);
    for (const name of Object.keys(payloadFiles(postureWith(), SEQUENCES)))
      if (!listed.includes(name)) expect(used).toMatch(new RegExp(`files/${name.replace('.', '\\.')}\\b`));
    expect(used).toContain('$PAYLOAD/plain.files');
  });
});

/** Where install_file of a program writes, its variables filled in; `undefined` stands for a part nobody here knows. */
function installed(text: string): string[] {
  const variables: Readonly<Record<string, readonly string[]>> = {
    $UNITS: ['/etc/systemd/system'],
    $SSH_UNIT: ['ssh.service'],
    $home: ['/home/ops'],
    $program: ['door', 'knock-interface'],
    $path: [
      ...allBackends().flatMap(({ files }) => Object.keys(files(postureWith()))),
      ...allEngines().flatMap(({ files }) => Object.keys(files(postureWith(), SEQUENCES))),
    ],
    $zone: ['public'],
    $version: ['v4', 'v6'],
    '${key##*/}': ['ssh_host_ed25519_key', 'ssh_host_rsa_key'],
  };
  return [...text.matchAll(/install_file \d{4} (?:"[^"]*"|\S+) ("[^"]*"|[^\s;)]+)/g)].flatMap(
    ([, target = '']) =>
      Object.entries(variables).reduce(
        (paths, [name, values]) =>
          paths.flatMap((path) =>
            path.includes(name) ? values.map((value) => path.replace(name, value)) : [path],
          ),
        [target.replaceAll('"', '')],
      ),
  );
}

/** The text of a program as it is on Debian. */
function inDebian(text: string): string {
  return text.replaceAll('"$SSH_UNIT"', 'ssh.service').replaceAll('"$SSH_SOCKET"', 'ssh.socket');
}

describe('the snapshot before a change', () => {
  const touched = touchedPaths('/home/ops', postureWith());

  it('holds every file that a program installs outside of Postern’s own folders', () => {
    const written = [...programs].flatMap(([, text]) => installed(text));
    // Made for the change and removed by undo and seal themselves.
    const own = /^\$BACKUP\/|\/postern-(backup|undo)[^/]*$|\/\$unit$|^\$(STATE|TXN|1|2)/;
    const outside = written.filter((path) => !own.test(path));
    expect(outside.length).toBeGreaterThan(12);
    expect(outside.filter((path) => !touched.includes(path))).toEqual([]);
  });

  it('holds every file that ufw writes by itself', () => {
    for (const path of [
      '/etc/ufw/ufw.conf',
      '/etc/ufw/user.rules',
      '/etc/ufw/user6.rules',
      '/etc/default/ufw',
    ])
      expect(touched).toContain(path);
  });

  it('is of absolute paths, each once', () => {
    expect(new Set(touched).size).toBe(touched.length);
    for (const path of touched) expect(path).toMatch(/^\/[A-Za-z0-9._/-]+$/);
  });

  it('holds the state of every unit that a program enables, disables or masks, but its own', () => {
    const changed = [...programs.values()].flatMap((text) =>
      [
        ...inDebian(text).matchAll(
          /systemctl(?: -[\w-]+)* (?:enable|disable|mask|unmask)(?: --\w+)* ([a-z-]+\.\w+)/g,
        ),
      ].map(([, unit]) => unit ?? ''),
    );
    const foreign = changed.filter((unit) => !/^postern-(undo|backup|candidate)/.test(unit));
    expect(new Set(foreign).size).toBeGreaterThan(4);
    expect(foreign.filter((unit) => !touchedUnits(postureWith()).includes(unit))).toEqual([]);
  });
});
