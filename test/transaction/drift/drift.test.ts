import { expect, it } from 'vitest';
import { readableDrift } from '../../../transaction/drift/drift.ts';

const [was, is] = ['a'.repeat(64), 'b'.repeat(64)];

it('tells of files and rules what differs, and never a digest', () => {
  const drift = readableDrift([
    `-file /etc/knockd.conf ${was} 600 root:root`,
    `-file /etc/ssh/sshd_config.d/00-postern.conf ${was} 600 root:root`,
    `-file /home/with space/gone ${was} 644 ops:ops`,
    '-unit knockd.service enabled active',
    `-rules iptables ${was}`,
    `+file /etc/knockd.conf ${was} 644 root:root`,
    `+file /etc/ssh/sshd_config.d/00-postern.conf ${is} 600 root:root`,
    `+file /etc/new ${is} 600 root:root`,
    '+unit knockd.service disabled active',
    `+rules iptables ${is}`,
    '+fallback nft: syntax error',
  ]);
  expect(drift).toEqual([
    '- file /etc/knockd.conf mode 600 root:root',
    '- file /etc/ssh/sshd_config.d/00-postern.conf mode 600 root:root, the content that was sealed',
    '- file /home/with space/gone mode 644 ops:ops',
    '+ file /home/with space/gone is gone',
    '- unit knockd.service enabled active',
    '- rules iptables: as sealed',
    '+ file /etc/knockd.conf mode 644 root:root',
    '+ file /etc/ssh/sshd_config.d/00-postern.conf mode 600 root:root, other content',
    '- file /etc/new was not there',
    '+ file /etc/new mode 600 root:root',
    '+ unit knockd.service disabled active',
    '+ rules iptables: others are in force',
    '+ fallback nft: syntax error',
  ]);
});

it('is nothing where nothing differs', () => {
  expect(readableDrift([])).toEqual([]);
});
