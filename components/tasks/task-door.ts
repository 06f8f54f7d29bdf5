import { closeTaskDoor, type HostDoor, openTaskDoor } from './door.ts';
import { type DoorKeeper, keepDoor } from './door-keeper.ts';

/** A host's door, as its tasks go through it one after the other. */
export interface TaskDoor {
  open(): Promise<void>;
  close(): Promise<void>;
}

/** The door that is opened before each task and closed after it, also if this process does not live to see that. */
export function taskDoor(door: Promise<HostDoor>): TaskDoor {
  let keeper: DoorKeeper | undefined;
  return {
    async open() {
      const closed = await door;
      if (closed.held === true) keeper ??= keepDoor(closed);
      await openTaskDoor(closed);
    },
    async close() {
      await closeTaskDoor(await door);
      keeper?.dismiss();
      keeper = undefined;
    },
  };
}
