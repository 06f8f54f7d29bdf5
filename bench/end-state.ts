import { setTimeout as sleep } from 'node:timers/promises';
import type { LabVps } from '../lab/vps.ts';
import type { Sequence, Sequences } from '../posture/knock/sequence.ts';
import { sendKnocks } from '../remote/knock.ts';
import { ping } from '../remote/ping.ts';
import { probeTcp } from '../remote/probe.ts';
import { logInOnce } from '../remote/ssh/login.ts';
import type { LoginKey } from './hosts.ts';

const SILENT = [22, 23, 2222];
const SERVED = [4002, 4003];

/**
 * Looks from outside, over both families, whether a host has the end state that all contenders are to reach: nothing but
 * the services before a knock, after it an administrator's login by key and nothing else, closed again by the closing knock.
 *
 * @returns what is not so; empty when all is.
 */
export async function lacking(host: LabVps, key: LoginKey, sequences: Sequences): Promise<string[]> {
  // One after the other, because knockd confuses two knockers.
  const v4 = await lackingAt(host.address, host, key, sequences);
  return [...v4, ...(await lackingAt(host.addressV6, host, key, sequences))];
}

async function lackingAt(
  address: string,
  { hostKeys, name }: LabVps,
  key: LoginKey,
  { open, close }: Sequences,
): Promise<string[]> {
  const problems: string[] = [];
  const expect = (what: string, wanted: string, seen: string) => {
    if (wanted !== seen) problems.push(`${name}, ${address}: ${what} is ${seen} instead of ${wanted}`);
  };
  const state = async (port: number) => (await probeTcp({ address, port, timeoutMilliseconds: 400 })).state;
  const becomes = async (wanted: string, sequence: Sequence) => {
    for (let attempt = 0; attempt < 3; attempt++) {
      await sendKnocks({ address, sequence });
      for (let look = 0; look < 20; look++) {
        if ((await state(22)) === wanted) return wanted;
        await sleep(50);
      }
    }
    return state(22);
  };
  await Promise.all([
    ...SILENT.map(async (port) => expect(`port ${port} before the knock`, 'silent', await state(port))),
    ...SERVED.map(async (port) => expect(`port ${port}`, 'refused', await state(port))),
    ping(address).then((seen) => expect('ping', 'silent', seen)),
  ]);
  expect('port 22 after the opening knock', 'open', await becomes('open', open));
  if (problems.length > 0) return problems;
  const way = { address, port: 22, user: 'ops', hostKeys, identity: { file: key.file }, sudo: true };
  const { stdout, offered } = await logInOnce(way, { argv: ['id', '-u'], timeoutSeconds: 15 });
  expect('the administrator’s user id under sudo', '0', stdout.trim());
  expect('what ssh offers', 'publickey', offered.join());
  const root = await logInOnce(
    { ...way, user: 'root', sudo: false },
    { argv: ['id'], timeoutSeconds: 15 },
  ).then(
    () => 'let in',
    () => 'refused',
  );
  expect('root’s login', 'refused', root);
  if (close !== null) expect('port 22 after the closing knock', 'silent', await becomes('silent', close));
  return problems;
}
