import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../../transaction/bundle.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function unpack(archive: Uint8Array) {
  return spawnSync('tar', ['-x', '-f', '-', '-C', folder], { input: archive, encoding: 'utf8' });
}

describe('the bundle of a change', () => {
  it('is unpacked by tar, byte for byte, readable by its owner only', () => {
    const content = `é\n${'x'.repeat(511)}\n`;
    const files = [
      { path: 'agent/host/door', content },
      { path: 'payload/plan', content: 'id=1\n' },
      { path: 'payload/empty', content: '' },
      { path: 'payload/block', content: 'y'.repeat(512) },
    ];
    const { status, stderr } = unpack(bundle(files));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const file of files) expect(readFileSync(join(folder, file.path), 'utf8')).toBe(file.content);
    expect(statSync(join(folder, 'agent/host/door')).mode & 0o777).toBe(0o600);
  });

  it('says at its end that it is whole', () => {
    const archive = bundle([{ path: 'payload/plan', content: 'id=1\n' }]);
    unpack(archive.subarray(0, 1024));
    expect(() => statSync(join(folder, 'end'))).toThrow();
    unpack(archive);
    expect(statSync(join(folder, 'end')).size).toBe(0);
  });

  it.each(['/etc/passwd', '../x', 'a/../b', '', 'a b', 'x'.repeat(101)])('refuses the path %j', (path) => {
    expect(() => bundle([{ path, content: '' }])).toThrow('not a path for a bundle');
  });
});
