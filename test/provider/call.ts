import { callPlugin } from './plugin.ts';

// call.ts PORT UID: calls a plugin's function as that user; prints what came of it. Only here, when everything is read: the
// other user may not be able to read this folder.
process.setgid?.(Number(process.argv[3]));
process.setuid?.(Number(process.argv[3]));
const answer = await callPlugin(Number(process.argv[2]), 'postern:index:ready').then(
  () => 'taken',
  (error: Error) => error.message,
);
process.stdout.write(answer);
process.exit();
