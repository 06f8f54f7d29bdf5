#!/bin/sh
# ssh asks this program what it would ask a person: the code of the second factor, which is in a file of the connection's.
cat "$POSTERN_CODE"
