import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStack } from '../../../posture/read-stack.ts';
import { KEY, stackWith } from '../../posture/fixture.ts';
import { configurationsIn, sectionsOf, yamlIn } from '../../yaml-blocks.ts';

const DOCS = join(import.meta.dirname, '../../../docs');

/** What an operator fills in. */
function filled(document: string): string {
  return document
    .replaceAll(/ssh-ed25519 AAAA…/g, KEY)
    .replaceAll(/^(\s*)…$/gm, `$1address: 192.0.2.7\n$1hostKeys: [${KEY}]`);
}

const documents = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: filled(readFileSync(join(DOCS, name), 'utf8')) }));

function accepted(config: object): number {
  return readStack(stackWith(sectionsOf(config)), 'The example', () => KEY).hosts.length;
}

describe('an example of a stack file in docs', () => {
  const examples = documents.flatMap(({ name, text }) =>
    configurationsIn(text).map((config) => ({ name, keys: Object.keys(config).join(', '), config })),
  );

  it('is found, in lists of steps too', () => {
    const found = new Set(examples.map(({ name }) => name));
    for (const name of [
      'configuration.md',
      'droplets.md',
      'existing-host.md',
      'rhel.md',
      'second-factor.md',
      'tasks.md',
    ])
      expect(found).toContain(name);
  });

  it.each(examples)('is accepted: $name, $keys', ({ config }) => {
    expect(accepted(config)).toBeGreaterThan(0);
  });
});

it('the target behind a jump host in docs is accepted', () => {
  const text = documents.find(({ name }) => name === 'existing-host.md')?.text ?? '';
  const target = yamlIn(text).find((block) => 'target' in block)?.['target'];
  expect(target).toHaveProperty('jump');
  expect(accepted({ 'postern:hosts': [{ name: 'inner-1', target }] })).toBe(1);
});

it('the workflow in docs is one of GitHub’s, and parses', () => {
  const text = documents.find(({ name }) => name === 'pull-request-preview.md')?.text ?? '';
  const [workflow] = yamlIn(text);
  expect(workflow).toHaveProperty('jobs');
  expect(workflow).toHaveProperty('on');
});
