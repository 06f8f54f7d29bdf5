import { describe, expect, it } from 'vitest';
import { awaitFirstBoot, firstBoot } from '../../../provider/first-boot/first-boot.ts';
import type { Operation } from '../../../provider/resource/handler.ts';

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVnT0pWl0gCUfqnzIJuoXPa7Xv1EmAe1u8T1FNTmZ7S';
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

const way = { address: '127.0.0.1', port: 1, user: 'root', hostKeys: [HOST_KEY] };

const operation: Operation = {
  report: () => {},
  warn: () => {},
  signal: new AbortController().signal,
  urn: 'urn:pulumi:devnet::postern::postern:index:FirstBoot::node-1',
};

describe('the first boot of a VPS', () => {
  it('is waited for once for each address', async () => {
    await expect(firstBoot.diff({ way }, { way: { ...way, hostKeys: [] } })).resolves.toMatchObject({
      changes: false,
    });
    const moved = { way: { ...way, address: '203.0.113.8' } };
    await expect(firstBoot.diff({ way }, moved)).resolves.toEqual({ changes: true, replaces: ['way'] });
  });

  it('is that of another VPS where the address is not known yet', async () => {
    const unknown = { way: { ...way, address: UNKNOWN } };
    await expect(firstBoot.diff({ way }, unknown)).resolves.toEqual({ changes: true, replaces: ['way'] });
    await expect(firstBoot.check({}, unknown, operation)).resolves.toEqual({ inputs: unknown });
  });

  it('is refused without a host key to pin', async () => {
    const { failures } = await firstBoot.check({}, { way: { ...way, hostKeys: [] } }, operation);
    expect(failures).toEqual([expect.objectContaining({ property: 'way.hostKeys' })]);
  });

  it('is given up when its time is over, with what was met last', async () => {
    const reports: string[] = [];
    const patience = { login: 1, cloudInit: 1, interval: 0.2 };
    const waiting = awaitFirstBoot({ way }, { ...operation, report: (text) => reports.push(text) }, patience);
    await expect(waiting).rejects.toThrow(
      /^127\.0\.0\.1 did not let in root within 1 s of being made: .*root@127\.0\.0\.1:1/,
    );
    expect(reports).toContainEqual(expect.stringMatching(/so far \(refused\)/));
  });

  it('is not waited for when this machine is at fault', async () => {
    const nameless = { ...way, address: 'no-such-host.invalid' };
    const begun = performance.now();
    await expect(awaitFirstBoot({ way: nameless }, operation)).rejects.toThrow(/no-such-host\.invalid/);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('ends at once when the operator cancels', async () => {
    const controller = new AbortController();
    const waiting = awaitFirstBoot({ way }, { ...operation, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(waiting).rejects.toThrow();
  });
});
