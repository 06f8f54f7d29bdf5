import { appendFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where tools/test.sh wants errors that belong to no test; undefined where nobody asks. */
const strayErrors = process.env['POSTERN_STRAY_ERRORS'];

/** Two projects: `unit` answers in seconds and needs nothing; `lab` boots real VPSs and needs root on Linux. */
export default defineConfig({
  test: {
    onUnhandledError: ({ message }) => {
      if (strayErrors !== undefined) appendFileSync(strayErrors, `${message}\n`);
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.lab.test.ts'],
          // Many of them wait for a process or a clock, whatever the number of processors.
          maxWorkers: availableParallelism() + 2,
          // A busy machine takes its time to start a program.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          fileParallelism: true,
          // They wait more than they compute: two processors are enough for four.
          maxWorkers: 4,
        },
      },
    ],
  },
});
