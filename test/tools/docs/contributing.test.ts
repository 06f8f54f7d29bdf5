import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** Paths of the recipes; NAME stands for what is to be added, and the folder around it has to be there. */
const paths = [...text.slice(text.indexOf('## Recipes')).matchAll(/`([\w.-]+(?:\/[\w.-]+)+)`/g)].map(
  ([, path = '']) => path.replace(/\/NAME\.\w+$/, ''),
);

it('names only files and folders that are there', () => {
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
