import type { HostOutput } from '../../components/outputs.ts';
import type { Family } from '../../remote/address.ts';
import { quoteWords } from '../../remote/ssh/quote.ts';
import type { LoginIdentity } from '../host/login-identity.ts';
import { fileOf, keyAlias, pinnedSettings, type Setting, shortName } from './pinned.ts';

/** What a stack's include file is made of. */
export interface ConfigOptions {
  readonly stack: string;
  readonly hosts: readonly HostOutput[];
  readonly login: (host: string) => LoginIdentity;
  /** Path of the known_hosts file. */
  readonly knownHosts: string;
  /** Path of the program `postern`. */
  readonly program: string;
  /** Pin this IP version; undefined: whichever has a route at the time. */
  readonly family: Family | undefined;
}

/** The text of an OpenSSH include file: plain `ssh <host>`, and whatever uses it, knocks by itself. Holds no secret. */
export function configText(options: ConfigOptions): string {
  const { stack } = options;
  const blocks = options.hosts.map((host) => hostBlock(host, options));
  const head = `# The hosts of stack ${stack}. Written by \`postern ssh-config\`; \`npm run up\` renews it.\n`;
  return `${head}${blocks.join('')}`;
}

function hostBlock(host: HostOutput, options: ConfigOptions): string {
  const { stack, knownHosts, family } = options;
  const identity = options.login(host.name);
  const names = `${host.name} ${host.name}.${shortName(stack)}`;
  const settings: Setting[] = [
    ['HostName', addressOf(host, family)],
    ...(family === undefined ? [] : [['AddressFamily', family === 4 ? 'inet' : 'inet6'] as const]),
    ...pinnedSettings({
      host,
      alias: keyAlias(stack, host.name),
      knownHosts,
      identityFile: fileOf(identity),
    }),
    ['ProxyCommand', proxyCommand(host, options)],
  ];
  const note =
    identity !== undefined && 'privateKey' in identity
      ? '  # The private key is a secret of the stack: load it into your agent, or use `postern ssh`.\n'
      : '';
  return `\nHost ${names}\n${note}${settings.map(([keyword, value]) => `  ${keyword} ${value}\n`).join('')}`;
}

function addressOf(host: HostOutput, family: Family | undefined): string {
  return family === 6 ? (host.addressV6 ?? host.address) : host.address;
}

function proxyCommand(host: HostOutput, { program, stack, family }: ConfigOptions): string {
  const version = family === undefined ? [] : [`-${family}`];
  const words = [program, 'knock', host.name, '--proxy', '--stack', stack, ...version];
  // Run by the operator's shell, after ssh has replaced its own %-tokens.
  return quoteWords(words).replaceAll('%', '%%');
}
