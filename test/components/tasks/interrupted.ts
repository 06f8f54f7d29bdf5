import { text } from 'node:stream/consumers';
import type { HostDoor } from '../../../components/tasks/door.ts';
import { taskDoor } from '../../../components/tasks/task-door.ts';

/** A program of its own: opens the door that stdin describes as before a task, says so, and stays in the task for good. */
await taskDoor(Promise.resolve(JSON.parse(await text(process.stdin)) as HostDoor)).open();
process.stdout.write('open\n');
setInterval(() => {}, 1000);
