import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDroplet } from '../../../components/digitalocean/droplet.ts';
import { resolved } from '../program.ts';
import { type EngineStack, engineStack } from '../tasks/engine-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-droplets-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a droplet that would be replaced', () => {
  const log = join(folder, 'droplets');
  let engine: EngineStack;
  let target: object = { region: 'fra1' };

  beforeAll(async () => {
    engine = await engineStack(
      async () => {
        const host = resolved({ name: 'node-1', target: { type: 'digitalocean', ...target } });
        if (host.target.type === 'digitalocean') newDroplet(host, host.target, {});
      },
      { STAND_IN_DROPLETS: log },
    );
  });

  async function up(wanted: object): Promise<string> {
    target = wanted;
    return engine.stack.up().then(({ stdout }) => stdout, String);
  }

  it('is not deleted unless that was asked for: preview and up refuse', async () => {
    await up({ region: 'fra1' });
    target = { region: 'ams3' };
    await expect(engine.stack.preview()).rejects.toThrow('marked for protection');
    expect(await up({ region: 'ams3' })).toContain('marked for protection');
    await expect(engine.stack.destroy({ previewOnly: true })).rejects.toThrow('because it is protected');
    expect(readFileSync(log, 'utf8')).toBe('create fra1\n');
  });

  it('is deleted first, and then made anew, where it was', async () => {
    expect(await up({ region: 'ams3', protect: false })).toContain('replaced');
    expect(readFileSync(log, 'utf8')).toBe('create fra1\ndelete fra1\ncreate ams3\n');
  });
});
