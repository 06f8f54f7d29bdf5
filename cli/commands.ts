import type { Command } from './command-line/command.ts';

/** Every command by its name, in the order of the help. Loaded when needed: ssh waits for `knock`. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./commands/status.ts')).status,
  ssh: async () => (await import('./commands/ssh.ts')).ssh,
  knock: async () => (await import('./commands/knock.ts')).knock,
  'ssh-config': async () => (await import('./commands/ssh-config.ts')).sshConfig,
  log: async () => (await import('./commands/log.ts')).log,
  watch: async () => (await import('./commands/watch.ts')).watch,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  summary: async () => (await import('./commands/summary.ts')).summary,
  'lab list': async () => (await import('./commands/lab/list.ts')).labList,
  'lab console': async () => (await import('./commands/lab/console.ts')).labConsole,
  'lab reset': async () => (await import('./commands/lab/reset.ts')).labReset,
  'lab down': async () => (await import('./commands/lab/down.ts')).labDown,
};

/** All commands. */
export function everyCommand(): Promise<Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}
