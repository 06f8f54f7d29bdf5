"""A bad line to one lab host: what this machine sends there is lost, doubled and overtaken.

    lossy-network.py LINK TARGET SOURCE SEED LOSS DOUBLE OVERTAKE DELAY

LINK is the host's bridge here, TARGET its IPv4 address, SOURCE an address that nobody has. A TUN device
takes SOURCE and, by a routing table of its own, what is for TARGET; what comes out of it goes on to the bridge, in the way of netem: LOSS, DOUBLE and
OVERTAKE are shares of 1, and every packet waits DELAY seconds but those that overtake. Answers come back as they are.
Says `ready`, and ends, with everything it made, when its standard input does. Needs root.
"""

import fcntl
import heapq
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
TABLES = 21300


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    link, target, source, seed, *shares = sys.argv[1:]
    loss, double, overtake, delay = map(float, shares)
    luck = random.Random(int(seed))
    tun = open("/dev/net/tun", "r+b", buffering=0)
    made = fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"trouble%d", IFF_TUN | IFF_NO_PI))
    name = made[:16].rstrip(b"\0").decode()
    ip("address", "add", f"{source}/32", "dev", name)
    ip("link", "set", name, "up")
    # Not in the main table, where whoever makes another lab host would take it for another network.
    table = str(TABLES + int(target.split(".")[2]))
    ip("route", "add", "default", "dev", name, "src", source, "table", table)
    ip("rule", "add", "pref", "212", "to", target, "lookup", table)
    try:
        forward(tun, link, target, luck, loss, double, overtake, delay)
    finally:
        ip("rule", "delete", "pref", "212", "to", target, "lookup", table)


def forward(tun, link, target, luck, loss, double, overtake, delay):
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    # Or its own route would lead back here.
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())
    print("ready", flush=True)
    waiting = []
    count = 0
    while True:
        patience = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([tun, sys.stdin], [], [], patience)
        if sys.stdin in readable and not sys.stdin.readline():
            return
        if tun in readable:
            packet = tun.read(65535)
            now = time.monotonic()
            # What IPv6 says to every new link is not for the host.
            copies = 0 if packet[0] >> 4 != 4 or luck.random() < loss else 2 if luck.random() < double else 1
            for _ in range(copies):
                count += 1
                heapq.heappush(waiting, (now + (0 if luck.random() < overtake else delay), count, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            out.sendto(heapq.heappop(waiting)[2], (target, 0))


main()
