import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { wasSaved } from '../../../provider/state/saved-states.ts';
import { copyState } from '../../../provider/state/state-copy.ts';
import { stateFileOf } from '../../../provider/state/state-file.ts';
import { StateRoom } from '../../../provider/state/state-room.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const URN = 'urn:pulumi:devnet::postern::postern:index:Hardening::devnet-1';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function write(path: string, text: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe('where the state is', () => {
  const fileWith = (env: NodeJS.ProcessEnv) => stateFileOf(URN, folder, { HOME: folder, ...env })?.file;

  it('is a file of the backend that the engine was started with', () => {
    expect(fileWith({ PULUMI_BACKEND_URL: 'file:///srv/a%20b?no_tmp_dir=true' })).toBe(
      '/srv/a b/.pulumi/stacks/postern/devnet.json',
    );
    expect(fileWith({ PULUMI_BACKEND_URL: 'file://~/pulumi' })).toBe(
      join(homedir(), 'pulumi/.pulumi/stacks/postern/devnet.json'),
    );
    expect(fileWith({ PULUMI_BACKEND_URL: 's3://bucket' })).toBeUndefined();
    expect(fileWith({})).toBeUndefined();
  });

  it('or of that which the project or a login names', () => {
    write('.pulumi/credentials.json', '{"current": "file:///srv/login"}');
    expect(fileWith({})).toBe('/srv/login/.pulumi/stacks/postern/devnet.json');
    write('Pulumi.yaml', 'name: postern\nbackend:\n  url: file:///srv/project\n');
    expect(fileWith({})).toBe('/srv/project/.pulumi/stacks/postern/devnet.json');
  });

  it('may be compressed; copies of different backends have different names', () => {
    const env = { PULUMI_BACKEND_URL: `file://${folder}` };
    write('.pulumi/stacks/postern/devnet.json.gz', gzipSync('{}'));
    expect(fileWith(env)).toBe(join(folder, '.pulumi/stacks/postern/devnet.json.gz'));
    const name = (url: string) => stateFileOf(URN, folder, { PULUMI_BACKEND_URL: url })?.copyName;
    expect(name(`file://${folder}/.postern/state`)).toBe('devnet.json');
    expect(name('file:///srv/a')).toMatch(/^devnet\.[0-9a-f]{8}\.json$/);
    expect(name('file:///srv/a')).not.toBe(name('file:///srv/b'));
  });
});

describe('the copy of a state', () => {
  it('is the last one that was whole', () => {
    const copy = join(folder, 'copies/devnet.json');
    copyState(join(folder, 'absent.json'), copy);
    copyState(write('one.json', '{"version":3}'), copy);
    copyState(write('empty.json', ''), copy);
    copyState(write('cut.json', '{"version":3,"chec'), copy);
    expect(readFileSync(copy, 'utf8')).toBe('{"version":3}');
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    copyState(write('two.json.gz', gzipSync('{"version":4}')), copy);
    expect(readFileSync(copy)).toEqual(gzipSync('{"version":4}'));
    expect(readdirSync(dirname(copy))).toEqual(['devnet.json']);
  });
});

describe('room for the state', () => {
  it('is on the disk while it is held, and gone afterwards', () => {
    const room = new StateRoom(folder, write('state.json', Buffer.alloc(100_000)));
    room.hold();
    const [held = ''] = readdirSync(folder).filter((name) => name.startsWith('.postern-room.'));
    const { size, blocks } = statSync(join(folder, held));
    expect(size).toBeGreaterThan(400_000);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    room.hold();
    room.free();
    room.free();
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('is refused where nothing can be written', () => {
    const room = new StateRoom(write('file', ''), join(folder, 'state.json'));
    expect(() => room.hold()).toThrow(/ENOTDIR/);
    room.free();
  });
});

describe('a change that was in a state once', () => {
  const state = () => ({ folder, file: '', copyName: '' });
  const saved = (change: string, since = '2026-01-01T00:00:00Z') => wasSaved(URN, state(), change, since);

  it('is found in what the backend keeps of the runs since then, compressed or not', () => {
    expect(saved('c1')).toBe(false);
    write('.pulumi/history/postern/devnet/devnet-1.checkpoint.json', '{"change":"c1"}');
    write('.pulumi/history/devnet/devnet-2.checkpoint.json.gz', gzipSync('{"change":"c2"}'));
    write('.pulumi/history/postern/other/other-1.checkpoint.json', '{"change":"c3"}');
    write('.pulumi/history/postern/devnet/devnet-3.checkpoint.json.gz', 'broken');
    expect(['c1', 'c2', 'c3'].map((change) => saved(change))).toEqual([true, true, false]);
    expect(saved('c1', '2999-01-01T00:00:00Z')).toBe(false);
  });
});
