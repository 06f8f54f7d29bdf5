#!/bin/bash
# Knocks and probes with the shell's own sockets, where there is no python3. Runs on a jump host. Standard input, a line for each packet:
#   knock tcp|udp ADDRESS PORT [PAYLOAD]      one after the other
#   probe INDEX ADDRESS PORT SECONDS          all at once
# Standard output: `INDEX STATE MICROSECONDS` for each probe as it ends (the time may be missing), `failed` for a knock
# that could not leave. A sequence is secret: it is never an argument of a process, and errors that name ports are
# swallowed.
set -u
export LC_ALL=C

gap=0.05    # between two knocks: the packet of the one before has left
patience=6  # gaps after which a knock's connection is ended, well before its second SYN comes after a second
pids=()

knock() {
  if [ "$1" = udp ]; then
    { printf %s "${4:-x}" >"/dev/udp/$2/$3"; } 2>/dev/null || echo failed
  else
    # What is dropped there leaves it waiting, in a process of its own whose arguments are this one's.
    (exec 3<>"/dev/tcp/$2/$3") </dev/null >/dev/null 2>&1 &
    pids+=("$!")
  fi
}

# Ends the oldest connections until only $1 are left.
end_knocks() {
  while ((${#pids[@]} > $1)); do
    kill -KILL "${pids[0]}"
    wait "${pids[0]}"
    pids=("${pids[@]:1}")
  done 2>/dev/null
}

now() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }

probe() {
  local begin='' took='' said='' state
  [ -z "${EPOCHREALTIME-}" ] || begin=$(now)
  exec 4< <(exec 2>&1 && exec 3<>"/dev/tcp/$2/$3" && echo open)
  local connecting=$!
  IFS= read -r -t "$4" -u 4 said || said='Connection timed out'
  [ -z "$begin" ] || took=$(($(now) - begin))
  kill -KILL "$connecting" 2>/dev/null
  case $said in
    open) state=open ;;
    *'Connection refused' | *'Connection reset by peer') state=refused ;;
    *'Connection timed out') state=silent ;;
    *' unreachable' | *'No route to host' | *'Host is down' | *'Permission denied' | *'Invalid argument' | \
      *'Protocol not available' | *'not on the network') state=unreachable ;;
    *) state=failed ;;
  esac
  echo "$1 $state $took"
}

first=yes
while read -r verb a b c d; do
  case $verb in
    knock)
      [ "$first" = yes ] || sleep "$gap"
      first=no
      end_knocks "$patience"
      knock "$a" "$b" "$c" "$d"
      ;;
    probe) probe "$a" "$b" "$c" "$d" </dev/null & ;;
  esac
done
if ((${#pids[@]} > 0)); then
  for ((i = 0; i < patience; i++)); do sleep "$gap"; done
  end_knocks 0
fi
wait
