import { foresee } from '../hardening/foreseen.ts';
import type { Handler } from '../resource/handler.ts';
import { madeFromInputs } from '../resource/made-from-inputs.ts';

const written = madeFromInputs(async () => (await import('./handler.ts')).candidatesHandler, 'known');

/**
 * The ways into a host that changes were to bring into force, newest first. A resource of its own, so that the engine has
 * written it to its state before `Hardening`, which depends on it, tells the host anything: a deployer that is killed in
 * the middle of a change leaves behind what the next one needs to come in.
 */
export const candidates: Handler = {
  ...written,
  async diff(olds, news, operation) {
    const difference = await written.diff(olds, news, operation);
    if (difference.changes === true && operation !== undefined) foresee(operation.urn, olds, news);
    return difference;
  },
};
