import { commandLine, descendants, peakMemory } from './processes.ts';

const EVERY = 200;

/** A watch over the plugin that an engine starts. */
export interface MemoryWatch {
  /** Ends the watch; the most that the plugin ever held, in KiB, or undefined when it was never seen. */
  stop(): number | undefined;
}

/** Watches the memory of the plugin among what the process `engine` starts. */
export function watchPlugin(engine: number): MemoryWatch {
  let plugin: number | undefined;
  let peak: number | undefined;
  const timer = setInterval(() => {
    plugin ??= descendants(engine).find((pid) => commandLine(pid)?.includes('provider/main.ts'));
    // The kernel's own high-water mark: between two looks nothing is missed.
    if (plugin !== undefined) peak = peakMemory(plugin) ?? peak;
  }, EVERY);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}
