import { execFile } from 'node:child_process';

/** What an ICMP echo request met; `unknown` where this machine has no usable `ping`. */
export type PingState = 'answered' | 'silent' | 'unknown';

/** Sends one ICMP or ICMPv6 echo request to an IP literal with the system's `ping`; waits up to `timeoutSeconds`, whole. */
export function ping(address: string, timeoutSeconds = 1, sourceAddress?: string): Promise<PingState> {
  const source = sourceAddress === undefined ? [] : ['-I', sourceAddress];
  const argv = ['-n', '-q', '-c', '1', '-W', String(timeoutSeconds), ...source, '--', address];
  return new Promise((resolve) => {
    execFile(
      'ping',
      argv,
      { timeout: timeoutSeconds * 1000 + 1000, env: { ...process.env, LC_ALL: 'C' } },
      (error) => {
        if (error === null) return resolve('answered');
        // 1: no reply; 2 and missing programs: nothing was asked.
        resolve(error.code === 1 ? 'silent' : 'unknown');
      },
    );
  });
}
