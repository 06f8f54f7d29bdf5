/** Why an operation was cancelled whose engine is gone. */
export class EngineGone extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('the Pulumi engine ended before its operation did');
  }
}

/** Milliseconds; asking costs a system call. */
const INTERVAL = 200;

/**
 * Tells once that the engine, which started this plugin, has ended without a word (SIGKILL, out of memory). Nobody would
 * record what the plugin does from then on.
 */
export function watchEngine(gone: () => void): void {
  const engine = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === engine) return;
    clearInterval(timer);
    gone();
  }, INTERVAL);
  timer.unref();
}
