/**
 * Which secrets of a raw configuration are not set as secrets; one sentence each, to be shown as a warning. Pulumi tells
 * of a top-level key only whether something in it is secret, so that is how closely this looks.
 *
 * @param raw the top-level keys with their decrypted values, checked or not.
 * @param isSecret whether something in a top-level key is secret.
 * @param file the file the configuration comes from.
 */
export function plainSecrets(
  raw: Readonly<Record<string, unknown>>,
  isSecret: (key: string) => boolean,
  file: string,
): string[] {
  const { hosts } = raw;
  const sections = [
    { prefix: '', key: undefined, value: raw },
    ...(Array.isArray(hosts) ? hosts : []).map((value: unknown, index) => ({
      prefix: `hosts[${index}].`,
      key: 'hosts',
      value,
    })),
  ];
  return sections.flatMap(({ prefix, key, value }) =>
    SECRETS.filter((path) => path.reduce(member, value) !== undefined)
      .filter(([section = '']) => !isSecret(key ?? section))
      .map(
        (path) =>
          `${prefix}${path.join('.')} is in plain text in ${file}: set it with \`pulumi config set --secret --path\` (docs/configuration.md shows how).`,
      ),
  );
}

const SECRETS: readonly (readonly string[])[] = [
  ['knock', 'sequence'],
  ['identity', 'privateKey'],
  ['target', 'jump', 'identity', 'privateKey'],
];

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
