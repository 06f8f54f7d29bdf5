import { made } from './made.ts';

/**
 * The ways into a host that changes were to bring into force, newest first. A resource of its own, so that the engine has
 * written it to its state before `Hardening`, which depends on it, tells the host anything: a deployer that is killed in
 * the middle of a change leaves behind what the next one needs to come in.
 */
export const candidates = made(
  async () => (await import('./candidates-making.ts')).candidatesMaking,
  'known',
);
