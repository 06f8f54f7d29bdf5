import { closeDoor, type Door, openDoor } from './door.ts';
import { type DoorKeeper, keepDoor } from './door-keeper.ts';

/** A host's door, as its tasks go through it one after the other. */
export interface TaskDoor {
  open(): Promise<void>;
  close(): Promise<void>;
}

/** The door that is opened before each task and closed after it, also if this process does not live to see that. */
export function taskDoor(door: Promise<Door>): TaskDoor {
  let keeper: DoorKeeper | undefined;
  return {
    async open() {
      const closed = await door;
      if (closed.held === true) keeper ??= keepDoor(closed);
      await openDoor(closed);
    },
    async close() {
      await closeDoor(await door);
      keeper?.dismiss();
      keeper = undefined;
    },
  };
}
