import { describe, expect, it } from 'vitest';
import { vantageBy, withVantage } from '../../../remote/vantage/choose.ts';
import { hop } from './here.ts';

describe('the vantage', () => {
  it('is this machine without a jump host', async () => {
    const vantage = vantageBy(undefined);
    expect(vantage.name).toBe('this machine');
    expect(await vantage.problem()).toBeUndefined();
    expect(await vantage.localAddressFor('127.0.0.1')).toBe('127.0.0.1');
  });

  it('is the jump host where there is one', () => {
    expect(vantageBy(hop).name).toBe('the jump host jump.example');
  });

  it('says why the jump host cannot be used, instead of looking from here', async () => {
    const vantage = vantageBy({ ...hop, hostKeys: [] });
    expect(await vantage.problem()).toContain('host key must be pinned');
    await expect(vantage.probeTcp('127.0.0.1', 9, 100)).rejects.toThrow('host key must be pinned');
    await expect(vantage.knock('127.0.0.1', [{ port: 9, protocol: 'udp' }])).rejects.toThrow(TypeError);
    await vantage.close();
  });

  it('is let go of when what used it failed', async () => {
    const failing = withVantage(undefined, async () => {
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
  });
});
