import { type FSWatcher, watch } from 'node:fs';

/**
 * Waits until `condition` holds, looking whenever something changes in `directory`, whenever `wake` fires and, since
 * watching can be unavailable, every 20 ms. Resolves to whether it held within `milliseconds`.
 */
export function waitFor(
  directory: string,
  condition: () => boolean,
  milliseconds: number,
  wake?: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    let watcher: FSWatcher | undefined;
    const look = () => {
      if (condition()) finish(true);
    };
    const finish = (held: boolean) => {
      clearTimeout(limit);
      clearInterval(poll);
      wake?.removeEventListener('abort', look);
      watcher?.close();
      resolve(held);
    };
    const limit = setTimeout(() => finish(condition()), milliseconds);
    const poll = setInterval(look, 20);
    wake?.addEventListener('abort', look);
    try {
      watcher = watch(directory, look);
      watcher.on('error', () => watcher?.close());
    } catch {
      // No inotify instance left: the interval does it.
    }
    look();
  });
}
