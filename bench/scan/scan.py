"""Scans every TCP and UDP port of one host in one random order, as fast as it can, from an address of this machine.

    scan.py SOURCE TARGET SEED

Both are IPv4 or IPv6 literals; the target is a lab host. Each line on standard input asks for one scan in a new order;
the answer is `PACKETS SECONDS`. What stands on the line, `12345:tcp,23456:udp,…`, is the scanner's luck: it meets these
ports in this order, wherever the others come. A TCP port is sent a bare SYN, a UDP port an empty datagram. What comes back is not
looked at. Needs root, for raw sockets.
"""

import random
import socket
import struct
import sys
import time

TCP, UDP = 6, 17


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(protocol, source, target, port):
    """A TCP SYN or an empty UDP datagram with its checksum; both addresses packed."""
    if protocol == TCP:
        head = struct.pack("!HHIIBBHHH", 40000 + port % 20000, port, port * 65521, 0, 5 << 4, 2, 64240, 0, 0)
    else:
        head = struct.pack("!HHHH", 40000 + port % 20000, port, 8, 0)
    pseudo = source + target + struct.pack("!IHH", len(head), 0, protocol)
    value = checksum(pseudo + head) or 0xFFFF
    at = 16 if protocol == TCP else 6
    return head[:at] + struct.pack("!H", value) + head[at + 2 :]


def packet(family, protocol, source, target, port):
    body = segment(protocol, source, target, port)
    if family == socket.AF_INET:
        # The kernel fills in the header's checksum.
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), port, 0, 64, protocol, 0)
    else:
        head = struct.pack("!IHBB", 6 << 28, len(body), protocol, 64)
    return head + source + target + body


def main():
    source, target, seed = sys.argv[1:4]
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    ends = [socket.inet_pton(family, address) for address in (source, target)]
    packets = {
        f"{port}:{name}": packet(family, protocol, *ends, port)
        for name, protocol in (("tcp", TCP), ("udp", UDP))
        for port in range(1, 65536)
    }
    names = list(packets)
    order = random.Random(int(seed))
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        for line in sys.stdin:
            order.shuffle(names)
            lucky = [name for name in line.strip().split(",") if name]
            for at, name in zip(sorted(names.index(name) for name in lucky), lucky):
                names[at] = name
            begin = time.monotonic()
            for name in names:
                out.sendto(packets[name], (target, 0))
            print(len(names), f"{time.monotonic() - begin:.2f}", flush=True)


if __name__ == "__main__":
    main()
