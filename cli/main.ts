/** The entry of the command line `postern`; see docs/cli.md. */

import { processContext } from './command-line/context.ts';
import { run } from './run.ts';

// A reader that goes away (`postern status | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.exitCode = await run(process.argv.slice(2), processContext());
// The exit waits for output that a slow reader has not taken yet, and for nothing else that may still be under way.
if (process.stdout.writableLength === 0) process.exit();
process.stdout.write('', () => process.exit());
