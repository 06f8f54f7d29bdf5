#!/bin/sh
# beside.sh plug JUMP TARGET | unplug JUMP: a cable from lab host number JUMP into the network of lab host number TARGET,
# where it becomes client .5, over IPv4 and IPv6. Lab hosts have no way to each other by themselves.
set -eu
case $1 in
  plug)
    ip link add "postern$2j" master "postern$3" type veth peer name eth1 netns "postern$2"
    ip link set "postern$2j" up
    ip -n "postern$2" link set eth1 up
    ip -n "postern$2" address add "10.213.$3.5/24" dev eth1
    ip -n "postern$2" address add "fd0a:d213:$3::5/64" dev eth1 nodad
    ;;
  unplug) ip link delete "postern$2j" ;;
esac
