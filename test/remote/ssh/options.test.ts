import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SshFiles, sshArguments } from '../../../remote/ssh/options.ts';
import type { Hop } from '../../../remote/ssh/target.ts';
import { makeKeyPair } from './keys.ts';

// A configuration that, where it were followed, would undo the pinning or send something along.
const hostile = `
IgnoreUnknown UseKeychain
UseKeychain yes
Host *
  HostName 198.51.100.66
  Port 66
  User mallory
  StrictHostKeyChecking no
  UserKnownHostsFile /tmp/elsewhere
  GlobalKnownHostsFile /tmp/elsewhere
  KnownHostsCommand /bin/echo %H ssh-ed25519 AAAA
  VerifyHostKeyDNS yes
  NoHostAuthenticationForLocalhost yes
  HostKeyAlias other
  HostKeyAlgorithms ssh-rsa
  ProxyJump mallory@198.51.100.66
  ControlMaster auto
  ControlPath /tmp/shared-%C
  ControlPersist yes
  ForwardAgent yes
  ForwardX11 yes
  LocalForward 9999 127.0.0.1:22
  RemoteCommand id
  RequestTTY force
  LocalCommand id
  PermitLocalCommand yes
  BatchMode no
  PasswordAuthentication yes
  GSSAPIAuthentication yes
  GSSAPIKeyExchange yes
  UpdateHostKeys yes
  AddressFamily inet6
  LogLevel QUIET
  Tunnel yes
  EscapeChar ~
  ConnectTimeout 9999
`;

const hostKey = makeKeyPair().publicKey;
const hop: Hop = { address: '192.0.2.7', port: 2222, user: 'admin', hostKeys: [hostKey] };
const places: SshFiles = {
  alias: 'postern-host',
  knownHosts: '/tmp/with space/known_hosts',
  timeoutSeconds: 7.2,
};
let directory: string;

/** What ssh makes of the arguments, read from its own mouth. */
function effective(argv: readonly string[]): Map<string, string> {
  const printed = execFileSync('ssh', ['-G', ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = printed.trim().split('\n');
  return new Map(lines.map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]));
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'test-options-'));
  writeFileSync(join(directory, 'config'), hostile);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('sshArguments, under a hostile ssh_config', () => {
  const followed = () =>
    effective(['-F', join(directory, 'config'), ...sshArguments(hop, places, ['ControlPath=none'])]);

  it.each([
    ['hostname', '192.0.2.7'],
    ['port', '2222'],
    ['user', 'admin'],
    ['stricthostkeychecking', 'true'],
    ['userknownhostsfile', '/tmp/with space/known_hosts'],
    ['globalknownhostsfile', '/dev/null'],
    ['verifyhostkeydns', 'false'],
    ['nohostauthenticationforlocalhost', 'no'],
    ['hostkeyalias', 'postern-host'],
    ['hostkeyalgorithms', 'ssh-ed25519'],
    ['forwardagent', 'no'],
    ['forwardx11', 'no'],
    ['clearallforwardings', 'yes'],
    ['requesttty', 'false'],
    ['permitlocalcommand', 'no'],
    ['batchmode', 'yes'],
    ['passwordauthentication', 'no'],
    ['kbdinteractiveauthentication', 'no'],
    ['gssapiauthentication', 'no'],
    ['updatehostkeys', 'false'],
    ['addressfamily', 'inet'],
    ['tunnel', 'false'],
    ['escapechar', 'none'],
    ['connecttimeout', '8'],
    ['controlpersist', 'no'],
  ])('%s is %s', (option, value) => {
    expect(followed().get(option)).toBe(value);
  });

  it.each(['proxyjump', 'proxycommand', 'knownhostscommand', 'localforward', 'remotecommand', 'controlpath'])(
    '%s is not set',
    (option) => {
      expect(followed().get(option) ?? 'none').toBe('none');
    },
  );

  it('lets nothing vouch for the host instead of its key', () => {
    // Printed only where the distribution has the patch.
    expect(followed().get('gssapikeyexchange') ?? 'no').toBe('no');
  });

  it('writes a log in which the stages of the connection stand', () => {
    expect(followed().get('loglevel')).toMatch(/^DEBUG1?$/);
  });

  it('takes an IPv6 literal as it is and pins its family', () => {
    const options = effective(sshArguments({ ...hop, address: '2001:db8::7' }, places));
    expect(options.get('hostname')).toBe('2001:db8::7');
    expect(options.get('addressfamily')).toBe('inet6');
  });
});

describe('sshArguments with an explicit identity', () => {
  it('offers the given file and reads no configuration', () => {
    const file = '/tmp/my key 100%';
    const argv = sshArguments({ ...hop, identity: { file } }, places);
    expect(argv.join(' ')).toContain('-F none');
    expect(effective(argv).get('identitiesonly')).toBe('yes');
    const files = execFileSync('ssh', ['-G', ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).match(/^identityfile .*$/gm);
    expect(files).toEqual(['identityfile /tmp/my key 100%%']);
  });

  it('offers what its own agent holds, and no file', () => {
    const identity = { privateKey: 'secret text' };
    const argv = sshArguments({ ...hop, identity }, { ...places, agent: '/tmp/a b/agent' });
    expect(argv.join(' ')).not.toContain('secret text');
    const options = effective(argv);
    expect(options.get('identityagent')).toBe('/tmp/a b/agent');
    expect(options.get('identityfile') ?? 'none').toBe('none');
  });
});
