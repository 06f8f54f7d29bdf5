import { parse } from 'yaml';

/** The configuration in each YAML block of a document, as a stack file has it. */
export function configurationsIn(document: string): Record<string, unknown>[] {
  return [...document.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, block = '']) => (parse(block) as { config: Record<string, unknown> }).config,
  );
}
