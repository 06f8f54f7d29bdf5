/**
 * Starts counting the milliseconds that a processor works for this process; the answer tells them. Unlike the time that goes by,
 * they hardly depend on what else the machine does.
 */
export function countWork(): () => number {
  const begin = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1000;
  };
}
