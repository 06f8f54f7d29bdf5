#!/bin/sh
# docker.sh PORT: what docker 27 does to the rules of iptables for one container that publishes PORT, with a network
# namespace in the container's place. There is no docker for the lab.
set -eu
ip netns add container
ip link add docker0 type bridge
ip addr add 172.17.0.1/16 dev docker0
ip link add veth0 master docker0 type veth peer name eth0 netns container
ip link set docker0 up
ip link set veth0 up
ip -n container addr add 172.17.0.2/16 dev eth0
ip -n container link set eth0 up
ip -n container route add default via 172.17.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
iptables-restore -n <<END
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport $1 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
END
systemd-run -q --unit=container ip netns exec container python3 -c "import socket
s = socket.create_server(('', 80))
while True: s.accept()[0].close()"
