"""Packets that disturb the knocks at one lab host, sent on its link from here.

    noise.py KIND RATE LINK SOURCE TARGET SEED

KIND is what is sent RATE times a second:
    spoofed   with SOURCE as the sender, to one closed port
    knock     with SOURCE as the sender, to the port that the first line of standard input names, `12345:tcp`; it is secret
    stray     with SOURCE as the sender, each to another closed port
    ra        router advertisements, each for another prefix, which is good for a few seconds

LINK is the host's bridge here, SOURCE the address that knocks, TARGET the host's; both IPv4. Says `ready` when it has begun,
and ends when its standard input does, or after five minutes. Needs root, for raw sockets.
"""

import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../scan"))
from scan import TCP, UDP, checksum, packet  # noqa: E402

LONGEST = 300
CLOSED = 40404
LIVES = 6  # seconds that an advertised prefix is good for


def sender(link, kind, source, target, luck):
    """What sends the next packet."""
    if kind == "ra":
        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        out.bind((link, 0))
        return lambda: out.send(advertisement(luck))
    ends = [socket.inet_pton(socket.AF_INET, address) for address in (source, target)]
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())
    if kind == "stray":
        return lambda: out.sendto(packet(socket.AF_INET, TCP, *ends, luck.randrange(40000, 65000)), (target, 0))
    port, protocol = CLOSED, TCP
    if kind == "knock":
        words = sys.stdin.readline().strip().split(":")
        port, protocol = int(words[0]), UDP if words[1] == "udp" else TCP
    whole = packet(socket.AF_INET, protocol, *ends, port)
    return lambda: out.sendto(whole, (target, 0))


def advertisement(luck):
    """A router advertisement (RFC 4861) as an Ethernet frame."""
    mac = bytes([2, 0xBA, 0xD0, 0, 0, luck.randrange(256)])
    router = socket.inet_pton(socket.AF_INET6, "fe80::bad")
    everybody = socket.inet_pton(socket.AF_INET6, "ff02::1")
    prefix = struct.pack("!HHHH", 0xFDBA, luck.randrange(65536), luck.randrange(65536), luck.randrange(65536)) + bytes(8)
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, LIVES, 0, 0)
    body += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, LIVES, LIVES, 0) + prefix
    body += struct.pack("!BB", 1, 1) + mac
    value = checksum(router + everybody + struct.pack("!II", len(body), 58) + body)
    body = body[:2] + struct.pack("!H", value) + body[4:]
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + router + everybody
    return bytes.fromhex("333300000001") + mac + struct.pack("!H", 0x86DD) + head + body


def main():
    kind, rate, link, source, target, seed = sys.argv[1:]
    send = sender(link, kind, source, target, random.Random(int(seed)))
    begin = time.monotonic()
    sent = 0
    while time.monotonic() - begin < LONGEST:
        due = int((time.monotonic() - begin) * float(rate)) + 1
        while sent < due:
            send()
            sent += 1
        if sent and due == sent and not main.ready:
            main.ready = True
            print("ready", flush=True)
        readable, _, _ = select.select([sys.stdin], [], [], min(0.1, 1 / float(rate)))
        if readable and not sys.stdin.readline():
            break
    print(sent, flush=True)


main.ready = False
main()
