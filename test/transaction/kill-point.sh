#!/bin/sh
# kill-point.sh SECONDS ARGUMENT…: runs the agent with the arguments and kills it with all that it started, after so
# many seconds. Prints `killed`, or `ended` when it was over by then.
set -u
seconds=$1
shift
setsid sh /var/lib/postern/agent/agent.sh "$@" </dev/null >/dev/null 2>&1 &
session=$!
sleep "$seconds"
if kill -s KILL -- "-$session" 2>/dev/null; then echo killed; else echo ended; fi
