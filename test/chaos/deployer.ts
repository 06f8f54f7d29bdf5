import { json } from 'node:stream/consumers';
import { CommittedUnsealedError, messageOf } from '../../transaction/error.ts';
import { harden } from '../../transaction/harden.ts';
import { restoreHost } from '../../transaction/restore.ts';
import type { Line, Order } from './deployment.ts';

// A deployer of its own, which can be killed: takes an order as JSON on stdin, says a line of JSON for each report and one
// for the end. SIGTERM cancels, as Ctrl-C does in Pulumi.
const { job, giveBack } = (await json(process.stdin)) as Order;
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const report = (text: string) => say({ report: text });
try {
  if (giveBack && job.previous !== undefined) {
    await restoreHost(job, job.previous, report, stop.signal);
    say({ end: { message: 'given back' } });
  } else {
    const sealed = await harden(job, report, stop.signal);
    say({ end: { message: 'sealed', sealed } });
  }
} catch (error) {
  say({
    end: {
      message: messageOf(error),
      ...(error instanceof CommittedUnsealedError ? { sealed: error.sealed } : {}),
    },
  });
}
