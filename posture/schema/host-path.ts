import { z } from 'zod';

/** An absolute path on the host as sshd_config(5) takes it without quotes; `%u` and its like are sshd's own. */
export const HostPath = z
  .string()
  .regex(
    /^(?!.*\/\.\.?(\/|$))(\/[A-Za-z0-9_.@%+-]+)+$/,
    'must be an absolute path on the host: letters, digits, _ . @ % + - between the slashes, and no .. in it',
  )
  .max(200, 'must be at most 200 characters')
  .meta({ title: 'path on the host' });

/** A program on the host by its absolute path, and its arguments. */
export const HostCommand = z
  .string()
  .regex(
    /^(\/[A-Za-z0-9_.@+-]+)+( [A-Za-z0-9_.@%+=:,/-]+)*$/,
    'must be the absolute path of a program on the host and its arguments: letters, digits, _ . @ % + = : , / -, each after one space',
  )
  .max(400, 'must be at most 400 characters')
  .meta({ title: 'command on the host' });
