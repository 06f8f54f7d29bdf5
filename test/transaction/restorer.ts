import { json } from 'node:stream/consumers';
import type { Job, Previous } from '../../transaction/job.ts';
import { restoreHost } from '../../transaction/restore.ts';

// A deployer that restores a host in a process of its own, which a test can kill: takes its orders as JSON on stdin, prints
// what it reports, and goes no further from the report that begins with `until` on.
const { job, previous, until } = (await json(process.stdin)) as {
  job: Job;
  previous: Previous;
  until: string;
};
await restoreHost(job, previous, (text) => {
  process.stdout.write(`${text}\n`);
  if (text.startsWith(until)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
