"""unpack.py WHEEL FOLDER COLLECTION…: takes single collections (`namespace/name`) out of the wheel of `ansible`."""

import sys
from zipfile import ZipFile

wheel, folder, *wanted = sys.argv[1:]
with ZipFile(wheel) as archive:
    prefixes = tuple(f"ansible_collections/{name}/" for name in wanted)
    members = [name for name in archive.namelist() if name.startswith(prefixes)]
    if not members:
        sys.exit(f"{wheel} holds none of {', '.join(wanted)}")
    archive.extractall(folder, members)
