import { readFileSync } from 'node:fs';
import { getuid, platform } from 'node:process';
import * as settings from '@pulumi/pulumi/runtime/settings.js';

/** The state of an established connection in /proc/net/tcp. One that is closing says root's number, whoever it was. */
const ESTABLISHED = '01';

/** gRPC's status for a caller that may not call. */
const PERMISSION_DENIED = 7;

/** Which ends a connection has, as gRPC tells. */
interface Connection {
  readonly localPort?: number;
  readonly remotePort?: number;
}

/** What of gRPC's call is used here: `ServerInterceptingCallInterface` of @grpc/grpc-js. */
interface Call {
  getConnectionInfo(): Connection;
  sendStatus(status: { code: number; details: string }): void;
  start(listener: unknown): void;
}

/** In the SDK, and what its plugin server is made with, but not in its type declarations. */
const { grpcChannelOptions } = settings as unknown as {
  grpcChannelOptions: { interceptors?: ((method: unknown, call: Call) => Call)[] };
};

/**
 * Starts a server of the SDK's that takes calls of this process's own user alone. It listens on loopback, which every
 * user of the machine reaches, and does as root what it is told. Elsewhere than on Linux the kernel does not tell whose
 * a connection is, and every local user is believed: SECURITY.md says so.
 *
 * @param start makes the server before it first waits for anything.
 */
export async function serveOwnUser(start: () => Promise<void>): Promise<void> {
  grpcChannelOptions.interceptors = [refuseOthers];
  try {
    // The clients of the SDK are made with these options, too, later.
    const started = start();
    delete grpcChannelOptions.interceptors;
    await started;
  } finally {
    delete grpcChannelOptions.interceptors;
  }
}

function refuseOthers(_method: unknown, call: Call): Call {
  if (platform !== 'linux') return call;
  const { localPort = 0, remotePort = 0 } = call.getConnectionInfo();
  if (ownerOf(readFileSync('/proc/net/tcp', 'utf8'), remotePort, localPort) === getuid?.()) return call;
  call.sendStatus({ code: PERMISSION_DENIED, details: 'the plugin takes calls of its own user alone' });
  return Object.create(call, { start: { value: () => {} } }) as Call;
}

/**
 * Whose the other end of a connection on 127.0.0.1 is.
 *
 * @param table the text of /proc/net/tcp (proc(5)).
 * @param port of the other end.
 * @param ownPort of this end.
 * @returns a user id; undefined where no established connection is listed.
 */
export function ownerOf(table: string, port: number, ownPort: number): number | undefined {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  const loopback = LOOPBACK.map((address) => ` ${address}:${hex(port)} ${address}:${hex(ownPort)} `);
  const line = table
    .split('\n')
    .find((each) => loopback.some((ends) => each.includes(`${ends}${ESTABLISHED} `)));
  const uid = line?.trim().split(/\s+/)[7];
  return uid === undefined ? undefined : Number(uid);
}

/** 127.0.0.1 as the kernel prints it, by the byte order of the machine. */
const LOOPBACK = ['0100007F', '7F000001'];
