/** What a new droplet is told at its first boot. */
export interface FirstBoot {
  /** The host's own private keys in OpenSSH format; secret. */
  readonly hostKeys: { readonly ed25519: string; readonly rsa: string };
  /** Their public halves, `ssh-ed25519 …` and `ssh-rsa …`. */
  readonly publicKeys: readonly string[];
  /** Public keys that may log in as root until the host is hardened. */
  readonly authorizedKeys: readonly string[];
}

function publicKey(keys: readonly string[], type: string): string {
  const key = keys.find((line) => line.startsWith(`${type} `));
  if (key === undefined) throw new Error(`the host keys of a droplet lack one of type ${type}`);
  return key;
}

/**
 * The cloud-config of a new droplet: its host keys, so that the first connection is already pinned, and who may log in.
 * Secret, for its private keys. It never holds a knock sequence: every process on a droplet can read its user data.
 *
 * @throws Error when a public key is missing.
 */
export function userData({ hostKeys, publicKeys, authorizedKeys }: FirstBoot): string {
  const config = {
    // The image's own keys go, ours come, and cloud-init makes no others (it does so only without ssh_keys).
    ssh_deletekeys: true,
    ssh_keys: {
      ed25519_private: hostKeys.ed25519,
      ed25519_public: publicKey(publicKeys, 'ssh-ed25519'),
      rsa_private: hostKeys.rsa,
      rsa_public: publicKey(publicKeys, 'ssh-rsa'),
    },
    ssh_authorized_keys: authorizedKeys,
    // Debian's image turns root's keys into a notice (`Please login as the user "debian"`).
    disable_root: false,
    ssh_pwauth: false,
  };
  // JSON is YAML in which nothing needs quoting rules of its own.
  return `#cloud-config\n${JSON.stringify(config, undefined, 2)}\n`;
}
