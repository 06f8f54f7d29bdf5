import { z } from 'zod';

/** Families of operating systems that Postern renders for. */
export const System = z.enum(['debian', 'rhel']);
