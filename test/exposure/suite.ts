import { beforeAll, describe, expect, it } from 'vitest';
import { clientIdentity, freshVps } from '../lab/fixture.ts';
import { LONG } from '../long.ts';
import { BACKENDS, sampleCases } from './generate.ts';
import { TABLE_HEAD, tableRow } from './table.ts';
import { type Subject, tryCase } from './trial.ts';

/** Postures for each firewall in `npm test`; `npm run exposure` tries as many as it is told to. */
const COUNT = LONG ? 5 : 2;

/** Always the same postures: what passed yesterday fails today because of the code. */
const SEED = 4;

/** What is computed is what is measured, for random postures of one firewall, each a change of the one before. */
export function exposureSuite(name: string): void {
  const backend = BACKENDS.find((each) => each === name);
  describe.skipIf(backend === undefined)(`who can reach what behind ${name}, for random postures`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = { vps: await freshVps(), key: await clientIdentity(), previous: undefined };
    });

    const cases = backend === undefined ? [] : sampleCases(backend, COUNT, SEED);
    it.each(cases.map((made, index) => ({ made, number: index + 1 })))(
      'is as computed: posture $number',
      async ({ made, number }) => {
        const outcome = await tryCase(subject, made);
        console.log(`${number === 1 ? `${TABLE_HEAD}\n` : ''}${tableRow(number, made, outcome)}`);
        expect(outcome.differences).toEqual([]);
      },
    );
  });
}
