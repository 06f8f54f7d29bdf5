import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from './fault-names.ts';
import { randomOf } from './random.ts';
import { describeScenario, OPERATIONS, type Scenario, scenarioOf } from './scenario.ts';

const MANY = Array.from({ length: 2000 }, (_, seed) => scenarioOf(seed));

describe('the runs of chaos', () => {
  it('are made again by their seeds', () => {
    for (const made of MANY.slice(0, 50)) expect(scenarioOf(made.seed)).toEqual(made);
    expect(new Set(MANY.map((made) => JSON.stringify({ ...made, seed: 0 }))).size).toBeGreaterThan(1990);
  });

  it('have every operation with every fault that can happen to it', () => {
    const seen = new Set(MANY.map(({ operation, fault }) => `${operation} ${fault}`));
    const ofPackages = ['kill-packages', 'lock-packages'];
    const possible = OPERATIONS.flatMap((operation) =>
      FAULT_NAMES.filter(
        (fault) => !ofPackages.includes(fault) || ['first-change', 'switch'].includes(operation),
      ).map((fault) => `${operation} ${fault}`),
    );
    expect([...seen].sort()).toEqual(possible.sort());
    expect(MANY.filter(({ moment }) => moment.rollback !== undefined).length).toBeGreaterThan(200);
  });

  it.each([
    ['release', 'bullseye', (made: Scenario) => made.release],
    ['backend', 'firewalld', (made: Scenario) => made.to.backend],
    ['engine', 'fwknop', (made: Scenario) => made.to.engine],
    ['operation', 'destroy', (made: Scenario) => made.operation],
    ['fault', 'disk-full', (made: Scenario) => made.fault],
  ])('keep to a %s', (limit, value, of) => {
    const limited = Array.from({ length: 200 }, (_, seed) => of(scenarioOf(seed, { [limit]: value })));
    expect([...new Set(limited)]).toEqual([value]);
  });

  it('never have an engine that its release does not have', () => {
    const wrong = MANY.filter(
      ({ release, from, to }) =>
        release === 'trixie' && [from, to].some((setup) => setup?.engine === 'fwknop'),
    );
    expect(wrong).toEqual([]);
  });

  it('begin as their operation says', () => {
    for (const { operation, from, to } of MANY) {
      if (operation === 'first-change') expect(from).toBeUndefined();
      else if (operation === 'destroy') expect(to).toBe(from);
      else if (operation === 'change') expect(from).toMatchObject({ backend: to.backend, engine: to.engine });
      else expect(from?.backend).not.toBe(to.backend);
    }
  });

  it('are told in a line', () => {
    const made = MANY.find(
      ({ moment, operation }) => moment.rollback !== undefined && operation === 'switch',
    );
    expect(describeScenario(made as Scenario)).toMatch(
      /^\w+, switch, \w+ \w+ → \w+ \w+: [\w-]+ \(\d+ s\) at “.+” \+ \d+ ms, then \d+ ms into the rollback$/,
    );
  });
});

describe('decisions of a seed', () => {
  it('lie between their bounds and reach them', () => {
    const random = randomOf(7);
    const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
    expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
    expect(() => random.pick([])).toThrow('nothing to pick from');
  });

  it('differ between neighbours', () => {
    const firsts = Array.from({ length: 100 }, (_, seed) => randomOf(seed).between(0, 9));
    for (let digit = 0; digit < 10; digit++) {
      expect(firsts.filter((each) => each === digit).length).toBeGreaterThan(2);
    }
  });
});
