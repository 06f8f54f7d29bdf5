import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStack } from '../../../posture/read-stack.ts';
import { Stack } from '../../../posture/schema/stack.ts';
import {
  CONFIGURATION_DOCUMENT,
  configurationDocument,
  exampleNames,
} from '../../../tools/docs/configuration.ts';
import { fieldsOf } from '../../../tools/docs/fields.ts';
import { KEY, stackWith } from '../../posture/fixture.ts';
import { configurationsIn, sectionsOf } from '../../yaml-blocks.ts';

const ROOT = join(import.meta.dirname, '../../..');
const document = readFileSync(join(ROOT, CONFIGURATION_DOCUMENT), 'utf8');

/** The YAML blocks of the document, as raw configuration: what the engine would hand over. */
const examples = configurationsIn(document).map(sectionsOf);

/** Every key that a value sets, as the schema's walk names it. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((member) => pathsIn(member, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [at, ...pathsIn(member, at)];
  });
}

describe('docs/configuration.md', () => {
  it('is what the schema says now; if not: npm run docs', () => {
    expect(document).toBe(configurationDocument());
  });

  it('shows every example', () => {
    expect(examples).toHaveLength(exampleNames().length);
  });

  it.each(examples.map((example) => [Object.keys(example).join(', '), example] as const))(
    'has an example that is accepted: %s',
    (_keys, example) => {
      expect(readStack(stackWith(example), 'The example', () => KEY).hosts.length).toBeGreaterThan(0);
    },
  );

  it('has an example of every key', () => {
    const shown = new Set(examples.flatMap((example) => pathsIn(example)));
    // A sequence has two notations; close is shown in the other one.
    const other = /^knock\.sequence\.close\[\]/;
    const lacking = fieldsOf(Stack)
      .map(({ path }) => path)
      .filter((path) => !/^hosts\[\]\.(?!name|target)/.test(path) && !other.test(path) && !shown.has(path));
    expect(lacking).toEqual([]);
  });

  it('says of every key what it means and what it may be', () => {
    const fields = fieldsOf(Stack);
    expect(fields.length).toBeGreaterThan(100);
    const silent = fields.filter(({ description, shape }) => description === '' || shape === '');
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('names a default for every key that may be left out', () => {
    const rows = [...document.matchAll(/^\| `([^`]+)` \| (.+?) \| (.*?) \| (.*) \|$/gm)];
    expect(rows.length).toBeGreaterThan(60);
    const unsaid = rows.filter(([, , , fallback, meaning]) => fallback === '' || meaning === '');
    expect(unsaid.map(([, path]) => path)).toEqual([]);
    expect(rows.find(([, path]) => path === 'knock.openSeconds')?.[3]).toBe('`30`');
    expect(rows.find(([, path]) => path === 'hosts[].name')?.[3]).toBe('required');
  });
});
