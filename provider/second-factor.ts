import { made } from './made.ts';

/** The secret that a host and its administrator's authenticator app share; made once, kept encrypted in the state. */
export const secondFactor = made(
  async () => (await import('./second-factor-making.ts')).secondFactorMaking,
  'secret',
);
