import { z } from 'zod';
import { PublicKey } from './public-key.ts';
import { LocalPath, UserName } from './text.ts';

/** Keys of the section `admin`. */
export const adminFields = {
  user: UserName.refine(
    (user) => user !== 'root',
    'must not be root: root login is turned off once this user is proven',
  ).describe(
    'Login name of the administrator. Created with sudo (without password: there is none) and proven by a login before root login is turned off.',
  ),
  takeOver: z
    .boolean()
    .optional()
    .describe(
      'Whether an account of this name that is on the host already, and may not become root, becomes the administrator: its keys are replaced and it gets sudo without password, and with it whatever runs under it. By default `false`: the change is refused, and names the account.',
    ),
  authorizedKeys: z
    .array(PublicKey)
    .describe(
      'Public keys that may log in as the administrator, one `type base64 comment` line each, without options.',
    ),
  authorizedKeyFiles: z
    .array(LocalPath)
    .describe(
      'Files on this machine (`.pub`) whose keys are added to `authorizedKeys`. Relative to the project, or `~/…`.',
    ),
};

/** The section `admin`: who may log in. */
export const AdminSection = z.strictObject(adminFields).partial();

/** `admin` with every default filled in. */
export type Admin = z.infer<z.ZodObject<typeof adminFields>>;

/** What an absent key of `admin` means. */
export const adminDefaults: Admin = { user: 'ops', authorizedKeys: [], authorizedKeyFiles: [] };
