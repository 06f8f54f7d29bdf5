import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpState } from '../../remote/probe.ts';
import { type OpenOptions, openSession, type Session } from '../../remote/ssh/session.ts';
import type { Hop, SshTarget } from '../../remote/ssh/target.ts';
import { tunnelArgv } from '../../remote/ssh/tunnel.ts';
import { jumpVantage } from '../../remote/vantage/jump.ts';
import type { Vantage } from '../../remote/vantage.ts';
import type { DoorAddress, Transport } from './door.ts';

/** The passage through a jump host: knocks, probes and tunnels share one session with it. */
export function jumpTransport(hop: Hop): Transport {
  const sessions: Promise<Session>[] = [];
  const open = (way: SshTarget, options: OpenOptions): Promise<Session> => {
    const session = openSession(way, options);
    sessions.push(session);
    return session;
  };
  const vantage = jumpVantage(hop, open);
  return {
    vantage,
    tryDoor: (door, within) => probeSoon(door, within, vantage),
    async tunnel({ address, port }) {
      const session = await (sessions.at(-1) ?? open({ ...hop, sudo: false }, { timeoutSeconds: 15 }));
      return tunnelArgv(session, address, port);
    },
    async close() {
      await vantage.close();
      for (const session of await Promise.allSettled(sessions))
        if (session.status === 'fulfilled') await session.value.close();
    },
  };
}

async function probeSoon(
  { address, port }: DoorAddress,
  within: number,
  vantage: Vantage,
): Promise<TcpState> {
  const end = performance.now() + within;
  for (let patience = 100; ; patience = Math.min(patience * 2, 800)) {
    const { state } = await vantage.probeTcp(address, port, patience);
    if (state === 'open' || performance.now() > end) return state;
    // Silence takes its time; a refusal comes at once.
    if (state !== 'silent') await sleep(patience);
  }
}
