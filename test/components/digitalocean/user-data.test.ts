import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { userData } from '../../../components/digitalocean/user-data.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n';

const firstBoot = {
  hostKeys: { ed25519: `${KEY}ed25519`, rsa: `${KEY}rsa` },
  publicKeys: ['ssh-rsa AAAArsa', 'ssh-ed25519 AAAAed25519'],
  authorizedKeys: ['ssh-ed25519 AAAA ops@desk', 'ssh-ed25519 BBBB key: "of" # somebody \' else'],
};

describe('the user data of a droplet', () => {
  const text = userData(firstBoot);
  const parsed = parse(text) as Record<string, unknown>;

  it('is a cloud-config', () => {
    expect(text.split('\n')[0]).toBe('#cloud-config');
  });

  it('gives the host the keys we know, whole, and no other ones', () => {
    expect(parsed['ssh_deletekeys']).toBe(true);
    expect(parsed['ssh_keys']).toEqual({
      ed25519_private: `${KEY}ed25519`,
      ed25519_public: 'ssh-ed25519 AAAAed25519',
      rsa_private: `${KEY}rsa`,
      rsa_public: 'ssh-rsa AAAArsa',
    });
  });

  it('lets in the operators as root, whatever their comments hold', () => {
    expect(parsed['ssh_authorized_keys']).toEqual(firstBoot.authorizedKeys);
    expect(parsed['disable_root']).toBe(false);
  });

  it('sets no password and allows none', () => {
    expect(parsed['ssh_pwauth']).toBe(false);
    expect(text).not.toMatch(/passw|chpasswd/);
  });

  it('says nothing else', () => {
    expect(Object.keys(parsed).sort()).toEqual([
      'disable_root',
      'ssh_authorized_keys',
      'ssh_deletekeys',
      'ssh_keys',
      'ssh_pwauth',
    ]);
  });

  it('is refused when a host key is missing', () => {
    expect(() => userData({ ...firstBoot, publicKeys: ['ssh-ed25519 AAAA'] })).toThrow(/type ssh-rsa/);
  });
});
