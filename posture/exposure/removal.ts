import type { Target } from '../schema/target.ts';

/** What becomes of a host that is removed from its stack, as a sentence for whoever reviews the removal. */
export function describeRemoval(target: Target): string {
  if (target.type !== 'existing')
    return 'Removing this host deletes the VPS and everything on it; nothing is restored.';
  return `Removing this host restores it as it was before its first change: its sshd answers everybody on port ${target.port} again, without a knock, and ${target.user} logs in there.`;
}
