"""Listens on every TCP port of its arguments (N or FIRST-LAST) that it can get, whenever one is free, and on all addresses.

An argument that is a path: from when on that exists.
"""

import os
import resource
import socket
import sys
import time

resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
wanted = []
patience = 0.001
start = ""
for argument in sys.argv[1:]:
    if argument.startswith("/"):
        start = argument
        patience = 0
        continue
    first, _, last = argument.partition("-")
    wanted += range(int(first), int(last or first) + 1)
held = []
print("ready", flush=True)
while start and not os.path.exists(start):
    pass
while True:
    for port in list(wanted):
        listener = socket.socket(socket.AF_INET6)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            listener.bind(("::", port))
            listener.listen()
        except OSError:
            listener.close()
            continue
        held.append(listener)
        wanted.remove(port)
    time.sleep(patience)
