import { parse } from 'yaml';

/** The YAML blocks of a document as they are parsed, those within lists too. */
export function yamlIn(document: string): Record<string, unknown>[] {
  return [...document.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```/gm)].map(([, indent = '', block = '']) =>
    parse(block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')),
  );
}

/** The configuration in each YAML block of a document, as a stack file has it. */
export function configurationsIn(document: string): Record<string, unknown>[] {
  return yamlIn(document).flatMap(({ config }) =>
    config === undefined ? [] : [config as Record<string, unknown>],
  );
}

/** A stack file's configuration as the program gets it: sections without their namespace, secrets as text. */
export function sectionsOf(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace('postern:', ''), decrypted(value)]),
  );
}

/** A value as the program gets it: where secrets stand encrypted, Pulumi hands over text. */
function decrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decrypted);
  if (typeof value !== 'object' || value === null) return value;
  if ('secure' in value) return 'a secret';
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, decrypted(member)]));
}
