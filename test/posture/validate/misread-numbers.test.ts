import { expect, it } from 'vitest';
import { misreadNumbers } from '../../../posture/validate/misread-numbers.ts';

const file = (lines: string) => `encryptionsalt: v1:0123\nconfig:\n  digitalocean:size: 017\n${lines}`;

it.each([
  ['  postern:ssh:\n    port: 022', 'ssh.port', 'is written 022, which YAML reads as 18; write 22 or 18'],
  ['  postern:ssh: { port: 0443 }', 'ssh.port', 'is written 0443, which YAML reads as 291; write 443 or 291'],
  ['  postern:ssh: { port: 09 }', 'ssh.port', 'is written 09, which YAML reads as 9; write 9'],
  ['  postern:ssh: { port: 0x16 }', 'ssh.port', 'is written 0x16, which YAML reads as 22; write 22'],
  [
    '  postern:backup: { port: 2_222 }',
    'backup.port',
    'is written 2_222, which YAML reads as 2222; write 2222',
  ],
  ['  postern:backup: { port: +2222 }', 'backup.port', 'is written +2222'],
  [
    '  postern:hosts:\n    - name: a\n      firewall:\n        rules:\n          - port: 0080\n            purpose: web',
    'hosts[0].firewall.rules[0].port',
    'is written 0080, which YAML reads as 80; write 80',
  ],
])('names a number that YAML reads as another: %s', async (lines, property, reason) => {
  expect(await misreadNumbers(file(lines))).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

it.each([
  '  postern:ssh: { port: 22 }',
  '  postern:ssh: { port: 0 }',
  '  postern:ssh: { port: "022" }',
  '  postern:knock: { timeoutSeconds: 2.5 }',
  '  postern:tasks:\n    - name: a\n      run: |\n        mode: 0644\n        chmod 0644 /x',
  '  postern:tasks:\n    - { name: a, run: chmod 0644 /x } # port: 022',
  '  other:port: 022',
  '  postern:ssh: { port: 022',
])('says nothing of %s', async (lines) => {
  expect(await misreadNumbers(file(lines))).toEqual([]);
});
