"""Sends a host every kind of packet that is no plain connection, and says what it answers.

    odd.py SOURCE TARGET LINK SECONDS PORT SERVED

SOURCE is an address of this machine, TARGET the host's, both IPv4 or IPv6 literals; LINK is the interface between them. Where a
packet has a port, it is PORT; one plain datagram goes to SERVED, unless that is 0. For SECONDS after the last packet,
everything that the host sends to SOURCE is taken from the wire: a line for each answer, such as `icmp 12/0 to: bad option,
udp`, and in the end `sent N`. Neighbour discovery, without which nobody could ask at all, is left out. Needs root.
"""

import os
import select
import socket
import struct
import sys
import time

PORT, SERVED = map(int, sys.argv[5:7])
ICMP, IGMP, IPIP, TCP, UDP, IPV6, ROUTING, FRAGMENT, ICMP6, DESTINATION = 1, 2, 4, 6, 17, 41, 43, 44, 58, 60

# Of this run's own: whoever was answered lately under another posture is known to the kernel for half a minute.
EXCHANGE = os.getpid() & 0xFFFF


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Ends:
    """The two addresses, and the payloads between them."""

    def __init__(self, source, target):
        self.source, self.target = source, target

    def summed(self, protocol, data, at):
        pseudo = self.source + self.target + struct.pack("!IHH", len(data), 0, protocol)
        if protocol == ICMP:
            pseudo = b""
        return data[:at] + struct.pack("!H", checksum(pseudo + data) or 0xFFFF) + data[at + 2 :]

    def tcp(self, flags=2):
        return TCP, self.summed(TCP, struct.pack("!HHIIBBHHH", 41000, PORT, 7, 0, 5 << 4, flags, 64240, 0, 0), 16)

    def udp(self, port=PORT):
        return UDP, self.summed(UDP, struct.pack("!HHHH", 41000, port, 16, 0) + bytes(8), 6)

    def icmp(self, kind, code=0, body=bytes(48)):
        protocol = ICMP if len(self.source) == 4 else ICMP6
        word = struct.pack("!HH", EXCHANGE, 1) if kind in (8, 128) else struct.pack("!I", 0x10001)
        return protocol, self.summed(protocol, struct.pack("!BBH", kind, code, 0) + word + body, 2)

    def inner(self):
        """A packet of the host's own, as an error would quote it."""
        swapped = Ends(self.target, self.source)
        protocol, data = swapped.udp()
        if len(self.source) == 4:
            return swapped.ipv4(protocol, data, 1)
        return swapped.ipv6(protocol, data, 1)

    def ipv4(self, protocol, data, number, options=b"", fragment=0):
        length = 20 + len(options)
        head = struct.pack("!BBHHHBBH", 64 + length // 4, 0, length + len(data), number, fragment, 64, protocol, 0)
        head += self.source + self.target + options
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data

    def ipv6(self, protocol, data, number, length=None):
        length = len(data) if length is None else length
        return struct.pack("!IHBB", 6 << 28 | number, length, protocol, 64) + self.source + self.target + data


OPTIONS4 = {
    "record route, too short": b"\x07\x02\0\0",
    "timestamp, too short": b"\x44\x03\x05\0",
    "source route, pointer in its head": b"\x83\x07\x01" + bytes(5),
    "an option longer than the header": b"\x86\x28\0\0",
    "record route": b"\x07\x07\x04" + bytes(5),
    "source route": b"\x83\x07\x04\x0a\0\0\x01\0",
    "router alert": b"\x94\x04\0\0",
}
PROTOCOLS = {
    "DCCP": 33, "RSVP": 46, "GRE": 47, "ESP": 50, "AH": 51, "OSPF": 89, "PIM": 103, "VRRP": 112, "L2TP": 115,
    "SCTP": 132, "UDP-Lite": 136, "MPLS": 137, "protocol 253": 253,
}  # fmt: skip
FLAGS = {"SYN": 2, "ACK": 16, "SYN and ACK": 18, "FIN": 1, "RST": 4, "no flag": 0, "every flag": 63}


def other_protocols(ends):
    # A chunk INIT, which a host without SCTP could answer like any other protocol.
    init = struct.pack("!HHIIBBHIIHHI", 41000, PORT, 0, 0, 1, 0, 20, 1, 65536, 1, 1, 1)
    for name, number in PROTOCOLS.items():
        yield name, number, init if name == "SCTP" else bytes(40)
    for name, flags in FLAGS.items():
        yield f"TCP with {name}", *ends.tcp(flags)
    yield "UDP", *ends.udp()
    if SERVED:
        yield "UDP that is served", *ends.udp(SERVED)


def odd4(ends):
    """The packets over IPv4 by what they are; each is built for a number, which its answer quotes."""
    plain = {"tcp": ends.tcp(), "udp": ends.udp(), "echo": ends.icmp(8), "an error": ends.icmp(3, 3, ends.inner())}
    for name, data in plain.items():
        for option, octets in OPTIONS4.items():
            yield f"{option}, {name}", lambda n, d=data, o=octets: ends.ipv4(*d, n, o)
        yield f"first fragment alone, {name}", lambda n, d=data: ends.ipv4(*d, n, b"", 0x2000)
        yield f"last fragment alone, {name}", lambda n, d=data: ends.ipv4(*d, n, b"", 4)
        yield f"first fragment with a bad option, {name}", lambda n, d=data: ends.ipv4(*d, n, b"\x07\x02\0\0", 0x2000)
    for name, protocol, data in other_protocols(ends):
        yield name, lambda n, p=protocol, d=data: ends.ipv4(p, d, n)
    for kind in (0, 3, 4, 5, 8, 10, 11, 12, 13, 15, 17, 30, 37, 42, 200):
        yield f"icmp {kind}", lambda n, k=kind: ends.ipv4(*ends.icmp(k, 0, ends.inner()), n)
    yield "IGMP query", lambda n: ends.ipv4(IGMP, b"\x11\x64\xee\x9b\0\0\0\0", n, b"\x94\x04\0\0")
    yield "IPv4 in IPv4", lambda n: ends.ipv4(IPIP, ends.ipv4(*ends.icmp(8), n), n)
    yield "IPv6 in IPv4", lambda n: ends.ipv4(IPV6, bytes(40), n)


def extension(then, *options, pad=True):
    """A header of options: what comes behind it, and the options as (type, content)."""
    body = b"".join(bytes([kind, len(content)]) + content for kind, content in options)
    if pad:
        missing = -(2 + len(body)) % 8
        body += b"\0" if missing == 1 else bytes([1, missing - 2]) + bytes(missing - 2) if missing else b""
    return bytes([then, (2 + len(body)) // 8 - 1]) + body


def odd6(ends):
    """The same over IPv6."""
    plain = {"tcp": ends.tcp(), "udp": ends.udp(), "echo": ends.icmp(128), "an error": ends.icmp(1, 4, ends.inner())}
    jumbo = {"too small": struct.pack("!I", 1000), "with a length besides": struct.pack("!I", 70000)}
    for name, (protocol, data) in plain.items():
        for place, header in (("hop by hop", 0), ("for the destination", DESTINATION)):
            for kind in (0x1E, 0x5E, 0x9E, 0xDE):
                octets = extension(protocol, (kind, bytes(4))) + data
                yield f"unknown option {kind:#x} {place}, {name}", lambda n, h=header, o=octets: ends.ipv6(h, o, n)
            octets = bytes([protocol, 4]) + data
            yield f"options cut short {place}, {name}", lambda n, h=header, o=octets[:8]: ends.ipv6(h, o, n)
        for size, value in jumbo.items():
            octets = extension(protocol, (0xC2, value)) + data
            yield f"jumbogram {size}, {name}", lambda n, o=octets, s=size: ends.ipv6(0, o, n, 0 if s == "too small" else None)
        alone = struct.pack("!BBHI", protocol, 0, 1, 0) + (data + bytes(4))[: (len(data) + 4) // 8 * 8]
        yield f"first fragment alone, {name}", lambda n, o=alone: ends.ipv6(FRAGMENT, o[:4] + struct.pack("!I", n) + o[8:], n)
        uneven = struct.pack("!BBHI", protocol, 0, 1, 0) + data[:13]
        yield f"first fragment of an odd length, {name}", lambda n, o=uneven: ends.ipv6(FRAGMENT, o[:4] + struct.pack("!I", n) + o[8:], n)
        late = struct.pack("!BBHI", protocol, 0, 8 << 3, 0) + data
        yield f"last fragment alone, {name}", lambda n, o=late: ends.ipv6(FRAGMENT, o[:4] + struct.pack("!I", n) + o[8:], n)
        huge = struct.pack("!BBHI", protocol, 0, 0xFFF8, 0) + data
        yield f"a fragment beyond the end, {name}", lambda n, o=huge: ends.ipv6(FRAGMENT, o[:4] + struct.pack("!I", n) + o[8:], n)
        whole = struct.pack("!BBHI", protocol, 0, 0, 0) + extension(protocol, (0x9E, bytes(4))) + data
        whole = bytes([DESTINATION]) + whole[1:]
        yield f"an unknown option in a whole fragment, {name}", lambda n, o=whole: ends.ipv6(FRAGMENT, o, n)
        for kind in (0, 2, 3, 4, 200):
            routed = bytes([protocol, 2, kind, 1]) + bytes(4) + ends.target + data
            yield f"routing header {kind}, {name}", lambda n, o=routed: ends.ipv6(ROUTING, o, n)
    for name, protocol, data in other_protocols(ends):
        yield name, lambda n, p=protocol, d=data: ends.ipv6(p, d, n)
        behind = extension(protocol, (1, bytes(4))) + data
        yield f"{name} behind options", lambda n, o=behind: ends.ipv6(DESTINATION, o, n)
    for number in (59, 135, 139, 140):
        yield f"next header {number}", lambda n, h=number: ends.ipv6(h, bytes([59, 0]) + bytes(6), n)
    for kind in (1, 2, 3, 4, 128, 129, 130, 131, 133, 134, 137, 138, 139, 141, 144, 146, 151, 160, 200):
        yield f"icmp {kind}", lambda n, k=kind: ends.ipv6(*ends.icmp(k, 0, ends.inner()), n)
    yield "IPv4 in IPv6", lambda n: ends.ipv6(IPIP, bytes(20), n)
    yield "IPv6 in IPv6", lambda n: ends.ipv6(IPV6, ends.ipv6(*ends.icmp(128), n), n)
    # Who answers this says that he is there, whomever it was sent to.
    everybody = Ends(ends.source, socket.inet_pton(socket.AF_INET6, "ff02::1"))
    for name, data in (("echo", everybody.icmp(128)), ("udp", everybody.udp())):
        yield f"{name} to everybody", lambda n, d=data: everybody.ipv6(*d, n)
        octets = extension(data[0], (0x9E, bytes(4))) + data[1]
        yield f"unknown option to everybody, {name}", lambda n, o=octets: everybody.ipv6(0, o, n)
        yield f"unknown option for everybody, {name}", lambda n, o=octets: everybody.ipv6(DESTINATION, o, n)


def answer4(packet, names):
    head = packet[0] % 16 * 4
    protocol, body = packet[9], packet[head:]
    if protocol != ICMP:
        return f"protocol {protocol} {body[:4].hex()}"
    number = struct.unpack("!H", body[12:14])[0] if body[0] in (3, 4, 5, 11, 12) else 0
    return f"icmp {body[0]}/{body[1]} to: {names.get(number, '?')}"


def answer6(packet, names):
    protocol, body = packet[6], packet[40:]
    if protocol != ICMP6:
        return f"protocol {protocol} {body[:4].hex()}"
    if 133 <= body[0] <= 136:
        return None
    number = struct.unpack("!I", body[8:12])[0] & 0xFFFFF if body[0] < 128 else 0
    return f"icmpv6 {body[0]}/{body[1]} to: {names.get(number, '?')}"


def main():
    source, target, link, seconds = sys.argv[1:5]
    v6 = ":" in target
    family = socket.AF_INET6 if v6 else socket.AF_INET
    ends = Ends(socket.inet_pton(family, source), socket.inet_pton(family, target))
    start, answer = (8, answer6) if v6 else (12, answer4)
    size = len(ends.source)
    kind = 0x86DD if v6 else 0x0800
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(kind))
    wire.bind((link, kind))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    names = {}

    def listen(until):
        while select.select([wire], [], [], max(0, until - time.monotonic()))[0]:
            packet, (_, _, direction, _, _) = wire.recvfrom(65535)
            if direction == socket.PACKET_OUTGOING:
                continue
            if packet[start : start + size] != ends.target or packet[start + size : start + 2 * size] != ends.source:
                continue
            told = answer(packet, names)
            if told is not None:
                print(told, flush=True)

    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        for number, (name, build) in enumerate((odd6 if v6 else odd4)(ends), 1):
            names[number] = name
            packet = build(number)
            to = socket.inet_ntop(family, packet[24:40] if v6 else packet[16:20])
            out.sendto(packet, (to, 0, 0, socket.if_nametoindex(link)) if v6 else (to, 0))
            listen(time.monotonic() + 0.002)
    listen(time.monotonic() + float(seconds))
    print("sent", len(names))


main()
