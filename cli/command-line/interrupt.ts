/**
 * Runs something that goes on until it is interrupted: the first Ctrl-C or SIGTERM fires the signal, so that what was
 * opened can be closed; a second one ends the process.
 */
export async function untilInterrupted<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    return await use(controller.signal);
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}
