// A program that opens a workspace and never closes it; how it ends is its argument.
import { spawn } from 'node:child_process';
import { openWorkspace } from '../../../remote/ssh/workspace.ts';

const workspace = openWorkspace();
const child = spawn('sleep', ['30'], { stdio: 'ignore', detached: true });
child.unref();
workspace.track(child);
process.stdout.write(`${JSON.stringify({ directory: workspace.directory, pid: child.pid })}\n`);
const [, , how = ''] = process.argv;
if (how === 'exit') setTimeout(() => process.exit(0), 200);
// Otherwise, unless it is to end by itself, wait for the signal.
else if (how !== 'end') setTimeout(() => {}, 20_000);
