import { json } from 'node:stream/consumers';
import { harden } from '../../transaction/harden.ts';
import type { Job } from '../../transaction/job.ts';

// A deployer of its own, which a test can kill: takes a job as JSON on stdin and prints what it reports.
const job = (await json(process.stdin)) as Job;
await harden(job, (text) => process.stdout.write(`${text}\n`));
