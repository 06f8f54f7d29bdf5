#!/bin/sh
# Runs on the host, in one SSH channel, under a clean environment: takes programs from standard input and runs them one
# after the other, so that a program costs one round trip and no new process on the client.
#
# Standard input, repeated: a line "MARKER PROGRAM-BYTES INPUT-BYTES", the program (shell text which ends with its
# marker, in a comment), the program's standard input.
# Standard output and standard error, for each program: a line MARKER, the output, "MARKER STATUS" and a newline.
say() {
  printf '%s\n' "$1"
  printf '%s\n' "$1" >&2
}

while IFS=' ' read -r marker size input; do
  program=$(head -c "$size")
  # Half a program, cut off with the connection, must not run.
  case $program in
  *"#$marker") ;;
  *) exit 1 ;;
  esac
  say "$marker"
  if [ "$input" -eq 0 ]; then
    (eval "$program") </dev/null
    say "$marker $?"
  else
    # What the program leaves unread is not the next program.
    head -c "$input" | {
      (eval "$program")
      say "$marker $?"
      cat >/dev/null
    }
  fi
done
