import type { ControlMaster } from './target.ts';

/** An address as OpenSSH takes it before `:port`. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** ssh over an open session, up to what it is to do there. Without its session it fails and does not connect by itself. */
function throughSession({ controlPath }: ControlMaster): string[] {
  const quiet = ['-o', 'LogLevel=ERROR', '-o', 'ProxyCommand=false'];
  return ['ssh', '-F', 'none', ...quiet, '-S', controlPath];
}

/**
 * A program whose standard input and output are a TCP connection from the session's host to a port of `address`, as a
 * jump host makes it (`ssh -W`). Its server has to allow forwarding.
 */
export function tunnelArgv(session: ControlMaster, address: string, port: number): string[] {
  return [...throughSession(session), '-W', `${bracketed(address)}:${port}`, 'tunnel'];
}
