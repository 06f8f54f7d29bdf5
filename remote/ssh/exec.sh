#!/bin/sh
# The program that runs the command given as its arguments.
exec "$@"
