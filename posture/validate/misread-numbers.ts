import type { Node } from 'yaml';
import { type Problem, propertyPath } from './problem.ts';

type Yaml = typeof import('yaml');

/** A number as people write it. YAML 1.1, which Pulumi reads, takes some others for octal, hexadecimal or grouped digits. */
const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** Whether a file may hold such a number at all: parsing it is the dearer look. */
const SUSPECT = /(^|[\s:,[{-])[-+]?(0\d|0[xob]|\d+_|\+\d|\d+(\.\d+)?e)/im;

/**
 * Numbers in a stack file that YAML reads as others than were written, such as `022`, which is 18.
 *
 * @param text of `stacks/Pulumi.<stack>.yaml`.
 * @returns a problem for each; none where the file is no YAML, which the engine says itself.
 */
export async function misreadNumbers(text: string): Promise<Problem[]> {
  if (!SUSPECT.test(text)) return [];
  // Only now: most files hold no such number, and each run reads its file.
  const yaml = await import('yaml');
  const { isMap, isScalar, parseDocument } = yaml;
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return [];
  const config = document.contents.get('config', true);
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key, value }) => {
    const [, name] = /^postern:(.+)$/.exec(String(isScalar(key) ? key.value : key)) ?? [];
    return name === undefined ? [] : misreadIn(yaml, value as Node | null, [name]);
  });
}

function misreadIn(yaml: Yaml, node: Node | null, path: readonly PropertyKey[]): Problem[] {
  const { isMap, isPair, isScalar, isSeq } = yaml;
  if (isSeq(node))
    return node.items.flatMap((item, index) => misreadIn(yaml, item as Node, [...path, index]));
  if (isMap(node))
    return node.items.flatMap((item) =>
      isPair(item) && isScalar(item.key)
        ? misreadIn(yaml, item.value as Node, [...path, String(item.key.value)])
        : [],
    );
  if (!isScalar(node) || node.type !== 'PLAIN' || node.source === undefined) return [];
  const { source, value } = node;
  // `09` is no octal number and so 9; the reader of the file knows neither.
  const isNumber = typeof value === 'number' || /^[-+]?0\d+$/.test(source);
  if (!isNumber || PLAIN.test(source) || !/\d/.test(source)) return [];
  const digits = source.replace(/^\+?0*(?=\d)/, '').replaceAll('_', '');
  const meant = /^\d+$/.test(digits) ? `write ${digits} or ${Number(value)}` : `write ${Number(value)}`;
  return [
    {
      property: propertyPath(path),
      reason: `is written ${source}, which YAML reads as ${Number(value)}; ${meant}, in plain decimal digits`,
    },
  ];
}
