import { text } from 'node:stream/consumers';
import { closeTaskDoor, type HostDoor } from './door.ts';

/** A program of its own, for {@link ./door-keeper.ts}: whoever started it has ended once nothing more can be read. */
const [line = '', ...words] = (await text(process.stdin)).split('\n');
if (!words.includes('closed')) await closeTaskDoor(JSON.parse(line) as HostDoor);
