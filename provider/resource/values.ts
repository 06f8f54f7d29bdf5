/*
 * The engine's wire format wraps secrets and names unknown values by fixed signatures (Pulumi's
 * sdk/go/common/resource/sig and plugin/rpc.go). This is the one place that knows them.
 */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A property bag as the engine sends it. */
export type PropertyMap = Record<string, unknown>;

function isBag(value: unknown): value is PropertyMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value without any wrapping of secrets, at any depth. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isBag(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrap(value['value']);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unwrap(member)]));
}

/** The value, marked so that the engine encrypts it in its state and hides it in its output. */
export function secret(value: unknown): PropertyMap {
  return { [SIGNATURE]: SECRET, value };
}

/** Somewhere in the value is something that is only known once another resource exists. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isBag(value) && Object.values(value).some(hasUnknown);
}

/** Deep equality of plain values; the order of keys does not matter. */
export function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((member, index) => same(member, right[index]));
  }
  if (isBag(left) && isBag(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => same(left[key], right[key]));
  }
  return left === right;
}

/**
 * The inputs are those that were accepted last time, so they need no second judgement: what judges them takes longer to
 * load than all the rest of a run that changes nothing.
 */
export function unchanged(olds: PropertyMap, news: PropertyMap): boolean {
  return !hasUnknown(news) && same(unwrap(olds), unwrap(news));
}

/** A secret of an exported state (`--show-secrets`), which has its plain text as JSON. */
export function plainOfExport(value: unknown): unknown {
  if (!isBag(value) || typeof value['plaintext'] !== 'string') return value;
  return JSON.parse(value['plaintext']);
}
