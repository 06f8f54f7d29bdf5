import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../../transaction/facts/facts.ts';
import { nftablesServiceProblems } from '../../../transaction/preflight/nftables-service.ts';
import { postureWith } from '../../posture/fixture.ts';

const LOADED = 'unit_nftables.service=LoadState=loaded ActiveState=inactive UnitFileState=disabled';
const OVERRIDE = '/etc/systemd/system/nftables.service.d/override.conf';

// As systemctl of Debian 11, 12 and 13 prints it.
const exec = (kind: string, command: string) =>
  `nftables_exec=${kind}={ path=${command.split(' ')[0]} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`;
const packaged = [
  LOADED,
  exec('ExecStart', '/usr/sbin/nft -f /etc/nftables.conf'),
  exec('ExecReload', '/usr/sbin/nft -f /etc/nftables.conf'),
  exec('ExecStop', '/usr/sbin/nft flush ruleset'),
];
const ours = [
  LOADED,
  ...['ExecStart', 'ExecReload'].map((kind) =>
    exec(kind, '/bin/sh -euc . /usr/local/lib/postern/firewall; rules_behind /etc/nftables.conf'),
  ),
  exec('ExecStop', '/bin/sh -euc . /usr/local/lib/postern/firewall; rules_behind'),
];
const problems = (lines: readonly string[], backend = 'nftables') =>
  nftablesServiceProblems(parseFacts(lines.join('\n')), postureWith({ firewall: { backend } }));

describe('what nftables.service runs', () => {
  it.each([
    ['the package’s', packaged],
    ['Postern’s', ours],
    ['nothing, because it is not there', ['unit_nftables.service=LoadState=not-found']],
    ['nothing, because it is masked', ['unit_nftables.service=LoadState=masked']],
  ])('may be %s', (_what, lines) => {
    expect(problems(lines)).toEqual([]);
  });

  it.each([
    ['ExecStart', '/usr/sbin/nft -f /etc/mine.nft'],
    ['ExecReload', '/usr/local/bin/reload'],
    ['ExecStop', '/bin/true'],
  ])('may not be the owner’s: %s=%s', (kind, command) => {
    const lines = [...packaged.filter((line) => !line.includes(`=${kind}=`)), exec(kind, command)];
    expect(problems(lines)).toEqual([expect.stringContaining(`${kind}=${command}. Postern puts`)]);
    expect(problems(lines, 'ufw')).toEqual([]);
  });

  it('may not be more, nor less, than the package’s', () => {
    const more = [...packaged, exec('ExecStart', '/usr/sbin/nft -f /etc/mine.nft')];
    expect(problems(more)).toEqual([expect.stringContaining('nftables.conf and /usr/sbin/nft -f /etc/mine')]);
    expect(problems(packaged.slice(0, 3))).toEqual([expect.stringContaining('run: ExecStop=. Postern')]);
  });

  it('may not be the owner’s where Postern’s lines hide it, or where the unit comes with a package', () => {
    const own = [`nftables_own=${OVERRIDE}=ExecStart=`, `nftables_own=${OVERRIDE}= ExecStart = /bin/mine `];
    for (const lines of [ours, ['unit_nftables.service=LoadState=not-found']])
      expect(problems([...lines, ...own])).toEqual([
        expect.stringContaining(`run: ${OVERRIDE} has ExecStart=/bin/mine. Postern`),
      ]);
    expect(problems([...ours, `nftables_own=${OVERRIDE}=ExecStop=`])).toHaveLength(1);
  });

  it('may be said once more as the package says it', () => {
    const own = ['ExecStart=', 'ExecStart=/usr/sbin/nft -f /etc/nftables.conf'];
    expect(problems([...packaged, ...own.map((line) => `nftables_own=${OVERRIDE}=${line}`)])).toEqual([]);
  });
});
