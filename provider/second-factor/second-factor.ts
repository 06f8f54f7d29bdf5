import { madeFromInputs } from '../resource/made-from-inputs.ts';

/** The secret that a host and its administrator's authenticator app share; made once, kept encrypted in the state. */
export const secondFactor = madeFromInputs(
  async () => (await import('./handler.ts')).secondFactorHandler,
  'secret',
);
