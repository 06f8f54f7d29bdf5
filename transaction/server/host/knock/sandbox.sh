# shellcheck shell=sh
# The sandbox of a daemon (units/sandbox.conf), which a kernel, a container or a later version of what runs in it may not
# bear. Sourced by the agent's knock/daemon.sh, and a part of /usr/local/lib/postern/guard.

# sandbox_of UNIT
sandbox_of() { echo "/etc/systemd/system/$1.d/postern-sandbox.conf"; }

# leave_sandbox UNIT BY: its next start is without one. BY is `change`, which seals the host like that, or `guard`. What is
# written down is read by `postern doctor` and `postern status`; these are systemd's words alone, the daemon's may be secret.
leave_sandbox() {
  sandbox_reason=$(journalctl -q -b -n 100 -o cat -u "$1" 2>/dev/null | grep 'Failed at step\|Failed to set up\|status=' | tail -n 1)
  printf '%s\n' "by=$2" "unit=$1" "since=$(date -u +%FT%TZ)" "reason=${sandbox_reason:-it did not listen}" >/var/lib/postern/unsandboxed
  rm -f "$(sandbox_of "$1")"
}
