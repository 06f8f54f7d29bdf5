#!/bin/sh
# race.sh ID ROUNDS: lets commit and undo of the armed change ID run against each other, ROUNDS times from the same
# state. Prints a line for each round: exit status of commit, phase, and what commit said.
set -u
id=$1 state=/var/lib/postern
systemctl stop postern-undo.timer
echo 'the test asked for it' >$state/change/undo-now
echo 0123456789abcdef >$state/change/nonce
cp -a $state /root/armed
cp -a /etc/systemd/system /root/units
for _ in $(seq "$2"); do
  rm -rf $state /etc/systemd/system
  cp -a /root/armed $state
  cp -a /root/units /etc/systemd/system
  # Neither has a head start for good: commit takes longer to get to the lock.
  (
    sleep "0.0$(($(od -An -N1 -tu1 /dev/urandom) % 8))"
    sh $state/agent/agent.sh expire >/dev/null 2>&1
  ) &
  sleep "0.0$(($(od -An -N1 -tu1 /dev/urandom) % 4))"
  said=$(echo 0123456789abcdef | sh $state/agent/agent.sh commit "$id" 2>&1)
  status=$?
  wait
  echo "$status $(sed -n 's/^phase=//p' $state/record) $said"
done
