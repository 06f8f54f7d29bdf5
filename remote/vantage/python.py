"""Knocks and probes from a jump host, and runs there; its input and output are those of bash.sh."""

import errno
import socket
import sys
import threading
import time

GAP = 0.02  # seconds between two knocks
UNREACHABLE = {"EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENONET", "ENOPROTOOPT", "EACCES", "EINVAL"}
lock = threading.Lock()


def say(text):
    with lock:
        print(text, flush=True)


def opened(address, kind):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)


def knock(protocol, address, port, payload=""):
    try:
        if protocol == "udp":
            with opened(address, socket.SOCK_DGRAM) as s:
                s.sendto(payload.encode(), (address, int(port)))
        else:
            # Begun and dropped at once: one SYN, and nothing left for the kernel to send again.
            with opened(address, socket.SOCK_STREAM) as s:
                s.setblocking(False)
                code = s.connect_ex((address, int(port)))
                if code not in (0, errno.EINPROGRESS, errno.ECONNREFUSED):
                    say("failed")
    except OSError:
        say("failed")


def probe(index, address, port, seconds):
    begin = time.monotonic()
    try:
        with opened(address, socket.SOCK_STREAM) as s:
            s.settimeout(float(seconds))
            s.connect((address, int(port)))
        state = "open"
    except socket.timeout:
        state = "silent"
    except OSError as error:
        code = errno.errorcode.get(error.errno, "")
        if code in ("ECONNREFUSED", "ECONNRESET"):
            state = "refused"
        elif code == "ETIMEDOUT":
            state = "silent"
        else:
            state = "unreachable" if code in UNREACHABLE else "failed"
    say(f"{index} {state} {int((time.monotonic() - begin) * 1e6)}")


first = True
for line in sys.stdin:
    verb, *words = line.split()
    if verb == "knock":
        if not first:
            time.sleep(GAP)
        first = False
        knock(*words)
    elif verb == "probe":
        threading.Thread(target=probe, args=words).start()
