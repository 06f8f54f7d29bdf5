"""Runs several commands of ufw in one process, because most of what a call of ufw takes is the start of Python.

Usage: ufw-batch.py UFW <COMMANDS: a line of COMMANDS is the arguments of one call, quoted as a shell would read them.
Prints what `show` commands print; ends at the first command that fails, with its exit code and a line that names it.
"""

import functools
import os
import runpy
import shlex
import sys

import ufw.util

# What the kernel's filter can do is found out anew for each command, by a dozen of programs. It stays the same.
ufw.util.get_netfilter_capabilities = functools.lru_cache(None)(ufw.util.get_netfilter_capabilities)


def run(program, words):
    """Runs one command as the program itself would, and returns its exit code."""
    sys.argv = [program, *words]
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        return end.code or 0
    return 0


def main():
    program = sys.argv[1]
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    for line in sys.stdin.read().splitlines():
        words = shlex.split(line)
        os.dup2(answers if words[0] == "show" else silence, 1)
        code = run(program, words)
        sys.stdout.flush()
        if code != 0:
            print("ufw refuses: " + line, file=sys.stderr)
            sys.exit(code)


main()
