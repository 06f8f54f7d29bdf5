import { describe, expect, it } from 'vitest';
import { sshEnvironment } from '../../../remote/ssh/environment.ts';

describe('sshEnvironment', () => {
  it('keeps what finds the user’s keys and drops the rest', () => {
    const environment = sshEnvironment({
      HOME: '/home/me',
      SSH_AUTH_SOCK: '/run/agent',
      XDG_RUNTIME_DIR: '/run/user/1',
      PULUMI_CONFIG_PASSPHRASE: 'secret',
      SSH_ASKPASS: '/usr/bin/ask',
      LANG: 'de_DE.UTF-8',
      SHELL: '/usr/bin/fish',
    });
    expect(environment).toEqual({
      HOME: '/home/me',
      SSH_AUTH_SOCK: '/run/agent',
      XDG_RUNTIME_DIR: '/run/user/1',
      LC_ALL: 'C',
      SHELL: '/bin/sh',
      SSH_ASKPASS_REQUIRE: 'never',
    });
  });
});
