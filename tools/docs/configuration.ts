import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_PORT, NETWORKS, P2P_PORTS } from '../../posture/network.ts';
import { adminDefaults } from '../../posture/schema/admin.ts';
import { firewallDefaults } from '../../posture/schema/firewall.ts';
import { knockDefaults } from '../../posture/schema/knock.ts';
import { backupDefaults, verifyDefaults } from '../../posture/schema/safety.ts';
import { sshDefaults } from '../../posture/schema/ssh.ts';
import { Stack, sections } from '../../posture/schema/stack.ts';
import { type Field, fieldsOf } from './fields.ts';

/** The document, relative to the project. */
export const CONFIGURATION_DOCUMENT = 'docs/configuration.md';

/** Examples beside those that are named after a section, and the section they belong to. */
const FURTHER_EXAMPLES: Readonly<Record<string, string>> = {
  sequence: 'knock',
  fwknop: 'knock',
  'private-key': 'identity',
};

/** What an absent key of a section means. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  admin: adminDefaults,
  ssh: sshDefaults,
  firewall: { ...firewallDefaults },
  knock: knockDefaults,
  backup: backupDefaults,
  verify: verifyDefaults,
};

/** Defaults that are worked out rather than written down. */
const WORKED_OUT: Readonly<Record<string, string>> = {
  network: 'the stack’s name',
  system: '`debian`',
  'firewall.p2p': 'open',
  'firewall.p2p.port': 'the network’s',
  'firewall.api': 'open',
  'backup.waitSeconds': '`60`',
  'knock.interface': 'the default route’s',
  'knock.sequence': 'generated',
  'knock.spaPort': 'random',
  'verify.silenceMilliseconds': 'measured',
  'identity.file': 'one of the two',
  'identity.privateKey': 'one of the two',
  identity: 'your agent and keys',
  'tasks[].run': 'it or `copy`',
  'tasks[].copy': 'it or `run`',
  'tasks[].to': 'required with `copy`',
  'tasks[].update': '`run`',
};

/** Keys of a stack that are no sections. */
const SCALARS: readonly string[] = ['network', 'system'];

/** The names of all examples, each a file of tools/docs/examples/. */
export function exampleNames(): string[] {
  return readdirSync(join(import.meta.dirname, 'examples')).map((file) => file.replace('.yaml', ''));
}

/** docs/configuration.md as it has to be. */
export function configurationDocument(): string {
  const fields = fieldsOf(Stack);
  const hosts = fields.filter(({ path }) => SCALARS.includes(path) || isOwnOfHosts(path));
  const structured = Object.keys(sections).filter((name) => !SCALARS.includes(name));
  const parts = structured.map((name) => {
    const own = fields.filter(({ path }) => path.split(/[.[]/)[0] === name);
    return section(`\`${name}\``, own[0]?.description ?? '', own, name);
  });
  return [
    text('head'),
    section('The stack and its hosts', '', hosts, 'hosts'),
    `${text('networks')}\n${networks()}`,
    ...parts,
    text('secrets'),
    text('refusals'),
  ].join('\n');
}

function isOwnOfHosts(path: string): boolean {
  const [, key] = /^hosts(?:\[\]\.(\w+))?/.exec(path) ?? [path, path];
  return path.startsWith('hosts') && (key === undefined || !(key in sections));
}

function section(title: string, description: string, fields: readonly Field[], name: string): string {
  const rows = fields
    .filter(({ path }) => path !== name || name === 'hosts')
    .map((field) => `| \`${field.path}\` | ${field.shape} | ${defaultOf(field)} | ${meaning(field)} |`);
  const table = ['| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
  const examples = exampleNames()
    .filter((example) => (FURTHER_EXAMPLES[example] ?? example) === name)
    .sort((left, right) => Number(left !== name) - Number(right !== name))
    .map((example) => `\n\`\`\`yaml\n${file('examples', `${example}.yaml`)}\`\`\`\n`);
  return `## ${title}\n\n${description === '' ? '' : `${description}\n\n`}${table}\n${examples.join('')}`;
}

function meaning({ description, variant }: Field): string {
  return [variant === undefined ? '' : `(\`${variant}\`)`, description]
    .filter(Boolean)
    .join(' ')
    .replaceAll('|', '\\|');
}

function defaultOf({ path, optional, fallback }: Field): string {
  const workedOut = WORKED_OUT[path];
  if (workedOut !== undefined) return workedOut;
  const [name = '', key = ''] = path.split('.');
  const value =
    fallback !== undefined ? fallback : /^\w+\.\w+$/.test(path) ? DEFAULTS[name]?.[key] : undefined;
  if (value !== undefined) return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
  return optional ? 'none' : 'required';
}

function networks(): string {
  const rows = NETWORKS.map((network) => `| ${network} | ${P2P_PORTS[network]} | ${API_PORT} |`);
  return ['| network | peers | public API |', '|---|---|---|', ...rows, ''].join('\n');
}

function text(name: string): string {
  return file('texts', `${name}.md`);
}

function file(folder: string, name: string): string {
  return readFileSync(join(import.meta.dirname, folder, name), 'utf8');
}
