import fc from 'fast-check';
import { readStack } from '../../posture/read-stack.ts';
import { Posture } from '../../posture/schema/posture.ts';
import { NETWORK_WORDS, type NetworkWord, networkOf } from './place.ts';

/** A firewall that Postern configures. */
export type Backend = Posture['firewall']['backend'];

/** Every firewall that the schema offers. */
export const BACKENDS: readonly Backend[] = Posture.shape.firewall.shape.backend.options;

/** A posture to try and how to knock at it; the same on every lab host, whatever its addresses. */
export interface Case {
  /** Sections of a stack, networks as words ({@link sectionsOn} puts addresses in their place). */
  readonly sections: Sections;
  /** Families that are knocked over; the door has to open for these and no other. */
  readonly knockOver: readonly (4 | 6)[];
  /** Seed of its sequences; the same as the case before means that they are kept. */
  readonly sequences: number;
}

/** What a case sets, as an operator writes it. */
export interface Sections {
  readonly network: string;
  readonly ssh: { readonly port: number };
  readonly backup: { readonly port: number };
  readonly knock: { readonly engine: string; readonly door: string; readonly openSeconds: number };
  readonly firewall: {
    readonly backend: Backend;
    readonly p2p: { readonly port?: number; readonly from: From } | null;
    readonly api: { readonly port?: number; readonly from: From } | null;
    readonly rules: readonly {
      readonly port: number;
      readonly protocol: string;
      readonly from: From;
      readonly purpose: string;
    }[];
    readonly icmpEcho: boolean;
  };
}

type From = 'anywhere' | readonly string[];

/** Ports at the edges, beside others, and where services or packaged firewall rules are. */
const NOTABLE = [
  1, 21, 22, 53, 67, 68, 80, 123, 443, 546, 547, 1023, 1024, 1900, 2222, 2223, 4001, 4003, 5353, 65_534,
  65_535,
];

const port = fc.oneof(fc.constantFrom(...NOTABLE), fc.integer({ min: 1, max: 65_535 }));

const word = fc
  .tuple(fc.constantFrom(...NETWORK_WORDS), fc.constantFrom(4, 6))
  .map(([name, family]) => `${name}${family}` as NetworkWord);

const from: fc.Arbitrary<From> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('anywhere' as const) },
  { weight: 2, arbitrary: fc.uniqueArray(word, { minLength: 1, maxLength: 4 }) },
);

const service = fc.option(fc.record({ port, from }, { requiredKeys: ['from'] }), { freq: 3 });

const rule = fc.record({
  port,
  protocol: fc.constantFrom('tcp', 'udp'),
  from,
  purpose: fc.constantFrom('metrics', 'tor or-port', 'wireguard', 'a+b/c_d-e.f', '9', 'postern'),
});

/** What listens for knocks. */
export type Engine = Posture['knock']['engine'];

/** Every engine that the schema offers; the first is tried where nobody says which. */
export const ENGINES: readonly Engine[] = Posture.shape.knock.shape.engine.options;

/** Valid postures for one firewall and one engine: what `pulumi preview` would refuse is not among them. */
export function casesFor(backend: Backend, engine: Engine = 'knockd'): fc.Arbitrary<Case> {
  const sections: fc.Arbitrary<Sections> = fc.record({
    network: fc.constantFrom('mainnet', 'devnet', 'testnet'),
    ssh: fc.record({ port: fc.oneof(fc.constant(22), port) }),
    backup: fc.record({ port: fc.oneof(fc.constant(2222), port) }),
    knock: fc.record({
      engine: fc.constant(engine),
      door: fc.constantFrom('timed', 'timed', 'held'),
      openSeconds: fc.constantFrom(6, 30, 3600),
    }),
    firewall: fc.record({
      backend: fc.constant(backend),
      p2p: service,
      api: service,
      rules: fc.array(rule, { maxLength: 5 }),
      icmpEcho: fc.boolean(),
    }),
  });
  return (
    fc
      .record({
        sections,
        // fwknop hears nothing over IPv6.
        knockOver:
          engine === 'fwknop' ? fc.constant<(4 | 6)[]>([4]) : fc.constantFrom<(4 | 6)[]>([4], [6], [4, 6]),
        sequences: fc.integer({ min: 0, max: 2 ** 31 }),
      })
      // Some records come without a prototype, which prints oddly and compares as another object.
      .map((made) => structuredClone(made))
      .filter((made) => accepted(made.sections))
  );
}

/** `count` cases of a seed; every third keeps the sequences of the one before it. */
export function sampleCases(backend: Backend, count: number, seed: number, engine?: Engine): Case[] {
  const cases = fc.sample(casesFor(backend, engine), { numRuns: count, seed });
  return cases.map((made, index) => ({
    ...made,
    sequences: cases[index % 3 === 2 ? index - 1 : index]?.sequences ?? made.sequences,
  }));
}

/** A case's sections with every network word replaced. */
export function sectionsOn(sections: Sections, networkOf: (word: NetworkWord) => string): Sections {
  const place = <T extends { readonly from: From }>(section: T): T => ({
    ...section,
    from:
      section.from === 'anywhere'
        ? section.from
        : [...new Set(section.from.map((name) => networkOf(name as NetworkWord)))],
  });
  const { p2p, api, rules } = sections.firewall;
  return {
    ...sections,
    firewall: {
      ...sections.firewall,
      p2p: p2p && place(p2p),
      api: api && place(api),
      rules: rules.map(place),
    },
  };
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5pTGSoZHvq7zGxqHCPqF0+8kpcdPj0pdtKTd7oYKJ7';

function accepted(sections: Sections): boolean {
  const somewhere = { address: '192.0.2.2', addressV6: '2001:db8::2' };
  const placed = sectionsOn(sections, (word) => networkOf(word, somewhere));
  try {
    readStack({ ...placed, hosts: [{ name: 'x' }], admin: { authorizedKeys: [KEY] } }, 'case', () => '');
    return true;
  } catch {
    return false;
  }
}
