/**
 * A command with its triggers in a comment before it. The command plugin replaces a task when one of its own `triggers`
 * changes: it runs `run` although there is an `update`. A command whose text has changed it updates.
 */
export function withTriggers(command: string, triggers: readonly string[]): string {
  return triggers.length === 0 ? command : `# triggers: ${JSON.stringify(triggers)}\n${command}`;
}
