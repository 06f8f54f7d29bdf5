import { expect, it } from 'vitest';
import { waitForBoot, bootCount } from '../../../lab/ready.ts';
import { probeTcp } from '../../../remote/probe.ts';
import { execVps } from '../../../lab/exec.ts';
import { freshVps } from '../../lab/fixture.ts';
import { jobFor, inside, hardened } from '../fixture.ts';
import { cutPowerNow, interrupted, installPackages, recorded } from '../interrupt.ts';
it('second', async () => {
  const vps = await freshVps();
  await installPackages(vps);
  for (const m of ['armed', 'the backup door is open', 'switched'] as const) {
    const t0 = performance.now();
    const log: string[] = [];
    const { error } = await interrupted(await jobFor(vps), m, () => cutPowerNow(vps));
    console.log(m, Math.round(performance.now() - t0), error?.message);
    await waitForBoot(vps);
    console.log((await execVps(vps, ['sh', '-c', 'cat /var/lib/postern/record; ls -la /var/lib/postern /run/sshd; ss -ltn; systemctl list-jobs; systemctl status ssh postern-undo-boot postern-undo.timer --no-pager; journalctl -b --no-pager -u ssh -u postern-undo-boot -u postern-undo; nft list ruleset'])).stdout);
  }
});
it('sealed boot', async () => {
  const vps = await freshVps();
  const job = await jobFor(vps, { knock: { openSeconds: 5 } });
  console.log((await hardened(job)).sealedAt);
  await new Promise((r) => setTimeout(r, 6000));
  const seen: string[] = [];
  let booted = false;
  const t0 = performance.now();
  const watch = async (address: string, port: number) => {
    let last = '';
    while (!booted) {
      const { state } = await probeTcp({ address, port, timeoutMilliseconds: 100 });
      if (state !== last) seen.push(`${Math.round(performance.now() - t0)} ${address} ${port} ${state}`);
      last = state;
    }
  };
  const boots = await bootCount(vps);
  cutPowerNow(vps);
  const ws = [vps.address, vps.addressV6].flatMap((a) => [watch(a, 22), watch(a, 2222)]);
  await waitForBoot(vps, { afterBoot: boots });
  await new Promise((r) => setTimeout(r, 3000));
  booted = true;
  await Promise.all(ws);
  console.log(seen.join('\n'));
  console.log(await inside(vps, 'systemd-analyze --no-pager critical-chain ssh.service; systemctl show -p ActiveEnterTimestampMonotonic ssh ufw postern-chain knockd; cat /lib/systemd/system/ufw.service; journalctl -b --no-pager | tail -60'));
});
