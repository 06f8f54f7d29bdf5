import { engineNamed } from '../../posture/knock/engines.ts';
import { POST_QUANTUM } from '../../posture/sshd/algorithms.ts';
import type { Problem } from '../../posture/validate/problem.ts';
import { spaProblem } from '../../remote/spa.ts';
import { clientKex } from '../../remote/ssh/client.ts';
import { type PropertyMap, unwrap } from '../resource/values.ts';

/** What the wish asks of this machine's ssh and knock clients, which have to prove it; looked up only where it asks for something. */
export async function checkClient(
  news: PropertyMap,
  kex: () => Promise<readonly string[]> = clientKex,
  spa: () => Promise<string | undefined> = spaProblem,
): Promise<Problem[]> {
  const { posture } = unwrap(news) as {
    posture?: { ssh?: { profile?: unknown }; knock?: { engine?: unknown } };
  };
  const { client } = engineNamed(String(posture?.knock?.engine)) ?? {};
  const missing = client === undefined ? undefined : await spa();
  return [
    ...(missing === undefined ? [] : [{ property: 'posture.knock.engine', reason: missing }]),
    ...(await judgeKex(posture?.ssh?.profile, kex)),
  ];
}

async function judgeKex(profile: unknown, kex: () => Promise<readonly string[]>): Promise<Problem[]> {
  if (profile !== 'post-quantum') return [];
  const known = await kex();
  if (POST_QUANTUM.some((name) => known.includes(name))) return [];
  return [
    {
      property: 'posture.ssh.profile',
      reason: `post-quantum would lock this machine out: its ssh client knows none of ${POST_QUANTUM.join(', ')}; take modern, or deploy with OpenSSH 9.0 or newer`,
    },
  ];
}
