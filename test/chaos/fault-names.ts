/** Everything that may happen to a run; faults.ts says what each is. */
export const FAULT_NAMES = [
  'kill-deployer',
  'cancel',
  'second-deployer',
  'power-cut',
  'reboot',
  'pause',
  'reexec',
  'outage',
  'outage-towards',
  'outage-from',
  'disk-full',
  'disk-read-only',
  'disk-stall',
  'kill-sshd',
  'kill-listener',
  'kill-firewall',
  'kill-packages',
  'kill-agent',
  'lock-packages',
] as const;

/** One of {@link FAULT_NAMES}. */
export type FaultName = (typeof FAULT_NAMES)[number];
