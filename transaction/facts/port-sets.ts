/** Which ports ranges take, by a name that several of them may have; as quick for a hostile host's thousands as for ten. */
export class PortSets {
  readonly #ports = new Map<string, Uint8Array>();

  constructor(ranges: Iterable<readonly [name: string, low: number, high: number]>) {
    const byName = new Map<string, [low: number, high: number][]>();
    for (const [name, low, high] of ranges) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [[low, high]]);
      else known.push([low, high]);
    }
    for (const [name, all] of byName) this.#ports.set(name, portsIn(all));
  }

  has(name: string, port: number): boolean {
    return this.#ports.get(name)?.[port] === 1;
  }
}

const PORTS = 65_536;

function portsIn(ranges: [low: number, high: number][]): Uint8Array {
  const ports = new Uint8Array(PORTS);
  let next = 0;
  for (const [low, high] of ranges.sort(([left], [right]) => left - right)) {
    const end = Math.min(high + 1, PORTS);
    // What is no number fills nothing.
    if (!(end > next)) continue;
    ports.fill(1, Math.max(low, next), end);
    next = end;
  }
  return ports;
}
