# shellcheck shell=sh
# The guard of a sealed host: whatever the door depends on is up again within seconds, however it ended; also after a
# plain stop, as a package's own scripts do one. Installed as /usr/local/lib/postern/guard, behind `change=…` (the change
# that installed it), `units=…` and `packages=…` (guard.sh of the agent), and what the knock engine has to say (host/knock/). postern-guard.service runs it
# for good; postern-guard.timer starts that again after a stop, and is looked after in turn.
#
#   guard            looks after the host
#   guard packages   asked by apt before it changes packages, which it hears of on stdin; exit status 10 refuses

export LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
STATE=/var/lib/postern
LIBRARY=/usr/local/lib/postern

# Seconds from one look to the next, and how many looks in a row an active daemon may be deaf, as one is that starts.
BEAT=3 DEAF_LOOKS=3

# settled: no change is under way, which stops and starts units itself, and none is committed whose backup door is still open.
settled() {
  read_phase
  case $phase in armed | undoing | committed) return 1 ;; esac
}

# read_phase: sets $phase to that of the last change.
read_phase() {
  phase=
  if [ -r $STATE/record ]; then
    while IFS= read -r record_line; do case $record_line in phase=*) phase=${record_line#*=} ;; esac; done <$STATE/record
  fi
}

# act COMMAND…: unless a step of a change holds the lock, which may just have begun or ended one.
act() {
  act_phase=$phase
  (
    flock -n 9 || exit 0
    read_phase
    [ "$phase" = "$act_phase" ] || exit 0
    "$@" 9>&-
  ) 9>/run/postern.lock
}

# note KEY WORDS: says it once for as long as it goes on; what is not noted again in the next look is over.
note() {
  case " $noted " in *" $1 "*) ;; *) case " $noted_before " in *" $1 "*) ;; *) echo "$2" ;; esac ;; esac
  noted="$noted $1"
}

# start UNIT STATE PID. A unit's own limit of starts does not count: nobody else would start it.
start() {
  ! end_lost "$@" || systemctl -q stop "$1"
  [ "$2" != failed ] || systemctl -q reset-failed "$1"
  systemctl -q --no-block start "$1"
}

# look_after UNIT…
look_after() {
  # Where systemd does not answer nothing is known.
  answer=$(systemctl show -p Id,ActiveState,SubState,Result,Job,MainPID "$@" 2>/dev/null) || return 0
  unit='' job='' pid=''
  # An empty line ends what is said about a unit.
  while IFS='=' read -r key value; do
    case $key in
      Id) unit=$value ;;
      ActiveState) state=$value ;;
      SubState) substate=$value ;;
      Result) result=$value ;;
      MainPID) pid=$value ;;
      Job) case $value in '' | 0) ;; *) job=$value ;; esac ;;
      '') [ -z "$unit" ] || judge_unit; unit='' job='' pid='' ;;
    esac
  done <<END
$answer

END
}

judge_unit() {
  # A manager of the firewall that would drop what the sealed copy lets in (host/firewall/closed.sh).
  if [ -e /run/postern/fallback ] && grep -q "^stopped=$unit\$" /run/postern/fallback; then return 0; fi
  case $state$job in
    inactive | failed)
      note "$unit" "$unit is $state; starting it"
      act start "$unit" "$state" "$pid"
      ;;
    active) [ "$unit" != "${KNOCK_DAEMON:-}" ] || knock_listens "$pid" || deaf='does not listen' ;;
    # Not one that crashes: whoever can make it do so would rid it of its sandbox.
    activating*) [ "$unit $substate $result" != "${KNOCK_DAEMON:-} auto-restart exit-code" ] || deaf='does not start' ;;
  esac
}

# An active daemon that does not listen, or one that systemd cannot start; and each time that a start of it did not help, more
# patience with the next one. Perhaps it is its sandbox, which the host bore when it was sealed and now does not: one that
# does not start has the next start without, one that runs the one after it.
look_at_deaf() {
  if [ -z "$deaf" ]; then deaf_looks=0 deaf_limit=$DEAF_LOOKS deaf_started=; return; fi
  # It goes on, and is said once.
  [ -z "$deaf_started" ] || noted="$noted deaf"
  deaf_looks=$((deaf_looks + 1))
  [ "$deaf_looks" -ge "$deaf_limit" ] || return 0
  deaf_looks=0 deaf_limit=$((deaf_limit * 2))
  if [ -e "$(sandbox_of "$KNOCK_DAEMON")" ] && { [ "$deaf" = 'does not start' ] || [ -n "$deaf_started" ]; }; then
    note deaf "$KNOCK_DAEMON $deaf"
    echo "starting $KNOCK_DAEMON anew, without its sandbox"
    act start_unboxed
  else
    note deaf "$KNOCK_DAEMON $deaf; starting it anew"
    act systemctl -q --no-block restart "$KNOCK_DAEMON"
  fi
  deaf_started=yes
}

start_unboxed() {
  leave_sandbox "$KNOCK_DAEMON" guard
  systemctl daemon-reload
  systemctl -q --no-block restart "$KNOCK_DAEMON"
}

# In a process of its own, which a damaged program may end; host/closed loads the rules, or what is left of them.
look_at_rules() {
  [ ! -e /run/postern/unloaded ] || return 0
  # shellcheck source=/dev/null
  if ( . /etc/postern/door.conf && . $LIBRARY/firewall && [ ! -e "$FALLBACK" ] && rules_ok ) 2>/dev/null; then return 0; fi
  note rules 'the rules of the door are not in force; loading them'
  whole_closed
  act sh "$CLOSED_PROGRAM" check
}

# whole_closed: which of the two copies of that program is whole.
CLOSED_PROGRAM=/usr/local/lib/postern/closed
whole_closed() {
  for CLOSED_PROGRAM in $LIBRARY/closed $STATE/closed/closed; do
    ! [ "$(tail -n 1 "$CLOSED_PROGRAM" 2>/dev/null)" = '# end' ] || return 0
  done
}

look() {
  noted='' deaf=''
  if settled; then
    # shellcheck disable=SC2154,SC2086 # from the first line of this program, a list
    look_after $units
    look_at_deaf
    look_at_rules
  else
    # Without its timer nobody would undo a change whose deployer is gone.
    look_after postern-undo.timer
  fi
  for key in $noted_before; do case " $noted " in *" $key "*) ;; *) echo "all is well again with: $key" ;; esac; done
  noted_before=$noted
}

# current: this is still the program that is installed.
current() {
  [ -r "$0" ] || return 1
  while IFS= read -r own_line; do
    # shellcheck disable=SC2154 # from the first lines of this program
    case $own_line in change=*) [ "$own_line" = "change='$change'" ]; return ;; esac
  done <"$0"
  return 1
}

# Ends when this program was replaced: systemd starts the new one.
guard() {
  noted_before='' deaf_looks=0 deaf_limit=$DEAF_LOOKS deaf_started=
  while current; do
    look
    sleep $BEAT
  done
}

# packages_change: apt says on stdin, in the form of its version 3, what it is about to do: its configuration, an empty
# line, and a line for each package, with the old version, the new one and its file, or **REMOVE**.
packages_change() {
  settled || return 0
  while IFS= read -r option && [ -n "$option" ]; do
    case $option in Postern::Force=[1y]* | Postern::Force=true) return 0 ;; esac
  done
  refused='' unfit=''
  while read -r package _ _ _ _ new _ _ deb; do
    # shellcheck disable=SC2154 # from the first lines of this program
    case " $packages openssh-server " in *" ${package%%:*} "*) ;; *) continue ;; esac
    case $deb in
      '**REMOVE**') refuse "it removes $package" ;;
      /*) package_fits "${package%%:*}" "$deb" || refuse "it replaces $package by version $new, which $unfit" ;;
    esac
  done
  [ -n "$refused" ] || return 0
  {
    echo "Postern stops this run of apt, before anything is changed: $refused."
    echo 'The door of this host depends on that: nobody could get in any more.'
    echo "First change knock.engine or firewall.backend in Postern's configuration and run 'pulumi up', or give the host back"
    echo "with 'pulumi destroy'. To do it all the same: apt-get -o Postern::Force=yes ..."
  } >&2
  return 10
}

refuse() { refused="$refused${refused:+; }$1"; }

case ${1:-} in
  '') guard ;;
  packages) packages_change ;;
esac
