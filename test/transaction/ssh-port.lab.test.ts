import { expect, it } from 'vitest';
import type { LabVps } from '../../lab/vps.ts';
import { ssh, withVps } from '../lab/fixture.ts';
import { knockedOpen } from './door.ts';
import { hardened, inside, jobFor } from './fixture.ts';

/**
 * Two processes that look like sessions of sshd and keep a copy of its listening socket, as those of Ubuntu's OpenSSH
 * do: nobody is accepted on it. One of them does not end when it is asked to.
 */
async function keepSocket(vps: LabVps): Promise<void> {
  await inside(
    vps,
    `cat >/root/keep.py <<'END'
import ctypes, os, re, signal, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
listing = subprocess.check_output(['ss', '-Hltnp', 'sport = :22'], text=True)
kept = []
for pid, fd in re.findall(r'pid=(\\d+),fd=(\\d+)', listing):
    handle = os.pidfd_open(int(pid))
    kept.append(libc.syscall(438, handle, int(fd), 0))
assert kept and min(kept) >= 0, (listing, kept, ctypes.get_errno())
libc.prctl(15, b'sshd', 0, 0, 0)
if sys.argv[1] == 'stubborn': signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
END
    for kind in meek stubborn; do setsid python3 /root/keep.py $kind </dev/null >/root/keep.$kind 2>&1 & done
    sleep 1
    ! grep . /root/keep.meek /root/keep.stubborn`,
  );
}

const SOCKET = 'systemctl disable --now ssh.service && systemctl enable --now ssh.socket';

it('whose socket sessions keep is refused, and they are named', async () => {
  await withVps(async (vps) => {
    await inside(vps, SOCKET);
    await keepSocket(vps);
    await expect(hardened(await jobFor(vps))).rejects.toThrow(
      /systemd listens for sshd there, and sessions of sshd keep that socket \(process \d+, \d+;.*reboot/s,
    );
    await inside(vps, 'for pid in $(pidof -x keep.py python3); do kill -9 $pid; done');
  });
});

it('gets its port for the new daemon although sessions have kept it meanwhile', async () => {
  await withVps(async (vps) => {
    await inside(vps, SOCKET);
    const job = await jobFor(vps);
    let keeping: Promise<void> | undefined;
    await hardened(job, (text) => {
      if (text.startsWith('arming')) keeping = keepSocket(vps);
    });
    await keeping;
    expect(await knockedOpen(vps, job)).toBe(true);
  });
});

it('has an sshd that lets in after an undo, whoever took the port meanwhile', async () => {
  await withVps(async (vps) => {
    await inside(vps, SOCKET);
    // Moves away, so that the port is free for others while the change lasts.
    const job = await jobFor(vps, {
      ssh: { port: 2200 },
      knock: { interface: 'lo' },
      verify: { attempts: 1 },
    });
    let taking: Promise<unknown> | undefined;
    const change = hardened(job, (text) => {
      if (!text.startsWith('verifying')) return;
      taking = inside(
        vps,
        `setsid python3 -c 'import socket, time
s = socket.socket(socket.AF_INET6)
s.bind(("::", 22))
s.listen()
time.sleep(600)' </dev/null >/root/taken 2>&1 &`,
      );
    });
    await expect(change).rejects.toThrow(/rolled the change back and is as it was/);
    await taking;
    expect((await ssh(vps, ['id', '-un'])).stdout).toBe('root\n');
  });
});
