import { z } from 'zod';

/** One key of a schema, as a document or a test needs it. */
export interface Field {
  /** Where it is: `firewall.rules[].port`; `[]` stands for each member of a list. */
  readonly path: string;
  /** The schema without what makes it optional. */
  readonly schema: z.ZodType;
  /** What may stand there, in words. */
  readonly shape: string;
  readonly description: string;
  /** It may be left out. */
  readonly optional: boolean;
  /** The schema's own default; undefined where it has none. */
  readonly fallback: unknown;
  /** `type: existing`: the variant of its group that has it, where not all do. */
  readonly variant: string | undefined;
}

/** Every key below a schema, groups before their members, depth first. */
export function fieldsOf(schema: z.ZodType, path = '', variant?: string): Field[] {
  const inner = peel(schema).schema;
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, member]) =>
      keyFields(path === '' ? key : `${path}.${key}`, member as z.ZodType, variant),
    );
  }
  if (inner instanceof z.ZodArray) return fieldsOf(inner.element as z.ZodType, `${path}[]`, variant);
  if (inner instanceof z.ZodUnion) {
    const options = inner.options as z.ZodType[];
    const all = options.flatMap((option) => fieldsOf(option, path, variantOf(option) ?? variant));
    return distinct(all, options.length);
  }
  return [];
}

function keyFields(path: string, member: z.ZodType, variant: string | undefined): Field[] {
  const { schema, optional, fallback, description } = peel(member);
  const field = { path, schema, optional, fallback, description, shape: shapeOf(member), variant };
  return [field, ...fieldsOf(schema, path, variant)];
}

/** Takes off what surrounds the schema that judges the value. */
function peel(schema: z.ZodType): {
  schema: z.ZodType;
  optional: boolean;
  fallback: unknown;
  description: string;
} {
  let at = schema;
  let optional = false;
  let fallback: unknown;
  let description = at.description ?? '';
  for (;;) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodNullable) {
      optional ||= at instanceof z.ZodOptional;
    } else if (at instanceof z.ZodDefault || at instanceof z.ZodPrefault) {
      optional = true;
      fallback ??= at.def.defaultValue;
      if (fallback === undefined) fallback = null;
    } else {
      return { schema: at, optional, fallback, description };
    }
    at = at.def.innerType as z.ZodType;
    description ||= at.description ?? '';
  }
}

/** What may stand there, in words: `list of port, 1–65535`. */
export function shapeOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodNullable) return `${shapeOf(schema.def.innerType as z.ZodType)}, or \`null\``;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return shapeOf(schema.def.innerType as z.ZodType);
  const title = schema.meta()?.title;
  if (title !== undefined) return title;
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral)
    return [...(schema instanceof z.ZodEnum ? schema.options : schema.values)]
      .map((value) => `\`${String(value)}\``)
      .join(' or ');
  if (schema instanceof z.ZodBoolean) return '`true` or `false`';
  if (schema instanceof z.ZodNumber) return `whole number, ${schema.minValue}–${schema.maxValue}`;
  if (schema instanceof z.ZodArray) return `list: ${shapeOf(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodObject) return 'group';
  if (schema instanceof z.ZodUnion)
    return [...new Set((schema.options as z.ZodType[]).map(shapeOf))].join(', or ');
  if (schema instanceof z.ZodPipe)
    return shapeOf((schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType);
  return 'text';
}

/** The schema takes text that is not one of a few given words. */
export function takesText({ schema }: Pick<Field, 'schema'>): boolean {
  if (schema instanceof z.ZodString) return true;
  if (schema instanceof z.ZodPipe) return takesText({ schema: schema.in as z.ZodType });
  if (schema instanceof z.ZodArray) return takesText({ schema: schema.element as z.ZodType });
  if (schema instanceof z.ZodUnion)
    return (schema.options as z.ZodType[]).some((option) => takesText({ schema: option }));
  return false;
}

function variantOf(option: z.ZodType): string | undefined {
  if (!(option instanceof z.ZodObject)) return undefined;
  const type: unknown = option.shape['type'];
  return type instanceof z.ZodLiteral ? `type: ${[...type.values].join()}` : undefined;
}

/** A key that every variant has is told once. */
function distinct(fields: readonly Field[], variants: number): Field[] {
  return fields.flatMap((field, index) => {
    const same = fields.filter(({ path }) => path === field.path);
    if (fields.findIndex(({ path }) => path === field.path) < index) return [];
    if (same.length < variants) return [field];
    const shapes = [...new Set(same.map(({ shape }) => shape))];
    return [{ ...field, variant: undefined, shape: shapes.join(' or ') }];
  });
}
