# shellcheck shell=sh
# ufw: default deny incoming, the posture's ports, and nothing else of ours. Sourced by agent.sh where this host's
# firewall is dealt with; every backend has these:
#
#   FIREWALL_PROGRAMS  what /usr/local/lib/postern/firewall is made of, from host/firewall/
#   FIREWALL_UNITS     units that are enabled, kept up by the guard, and whose state belongs to a sealed host
#   FIREWALL_LOADERS   units that do no more than load rules, of which it matters only that they are enabled
#   FIREWALL_NEEDS     units of others that the guard keeps up besides
#   firewall_install   its units and drop-ins, before systemd reads the units
#   firewall_switch    the posture's rules in force, now and after each boot; no moment is without rules
#   firewall_retire    out of force and disabled, when another backend has taken over
#   firewall_rules     lines of the manifest that tell the rules in force (inspect.sh)

# shellcheck disable=SC2034 # read by switch.sh and inspect.sh
FIREWALL_PROGRAMS='recent backstop chain closed closed-chain ufw' FIREWALL_UNITS='' FIREWALL_LOADERS='ufw.service postern-firewall.service postern-closed.service' FIREWALL_NEEDS=''

firewall_install() {
  install_file 0644 "$AGENT/units/ufw.conf" "$UNITS/ufw.service.d/postern.conf"
}

firewall_switch() {
  ufw_defaults
  ufw_wanted="$PAYLOAD/files/firewall.rules"
  ufw_present="$TXN/ufw.present"
  # Before ufw denies everything, the door is there.
  rules_load || fail 'iptables refuses the rules'
  systemctl -q --no-block start postern-firewall.service
  # Where there are rules already, ufw says which.
  : >"$ufw_present"
  ! grep -q '^### tuple ###' /etc/ufw/user.rules /etc/ufw/user6.rules || echo 'show added' | ufw_run
  ufw_commands >"$TXN/ufw.commands"
  # Read back in the same breath: `ufw delete` of a rule that is not there ends with success.
  if [ -s "$TXN/ufw.commands" ]; then
    echo 'show added' >>"$TXN/ufw.commands"
    ufw_run <"$TXN/ufw.commands"
  fi
  ufw_enabled || ufw_start
  systemctl -q is-active ufw.service || systemctl -q start ufw.service || fail 'ufw.service does not start'
  ufw_check
  install_file 0600 "$ufw_wanted" /etc/postern/ufw.rules
  # In force instead of it, where it could not be loaded before.
  closed_unload
}

# What is there and not wanted goes: our own of an earlier posture, and every rule for the ssh ports, which were open to
# anybody. What is wanted and not there comes.
ufw_commands() {
  ufw_unwanted | while IFS= read -r rule; do printf '%s\n' "--force delete ${rule%% comment *}"; done
  grep -Fvx -f "$ufw_present" "$ufw_wanted" | grep . || :
  ufw_is=disabled
  ! ufw_enabled || ufw_is=enabled
  [ -z "$(iptables -S ufw-user-input 2>/dev/null)" ] || ufw_is="$ufw_is loaded"
  case $ufw_is in
    disabled) ;; # ufw_start
    'enabled loaded') [ -z "${ufw_changed_defaults:-}" ] || echo reload ;;
    *) echo '--force enable' ;;
  esac
}

ufw_enabled() { grep -q '^ENABLED=yes' /etc/ufw/ufw.conf; }

# As a boot does it, by ufw's own program: `ufw enable` comes to the same rules by way of many more programs.
ufw_start() {
  { grep -v '^ENABLED=' /etc/ufw/ufw.conf; echo ENABLED=yes; } >"$TXN/ufw.conf"
  install_file 0644 "$TXN/ufw.conf" /etc/ufw/ufw.conf
  /lib/ufw/ufw-init start quiet >/dev/null || fail 'ufw does not start'
}

# ufw_run <COMMANDS: the program in Debian is Python, and says which.
ufw_run() {
  ufw_program=$(command -v ufw)
  read -r ufw_python <"$ufw_program"
  # shellcheck disable=SC2086 # an interpreter and its options
  ${ufw_python#??} "$AGENT/firewall/ufw-batch.py" "$ufw_program" >"$TXN/ufw.answer" || fail 'ufw refuses the new rules'
  sed -n 's/^ufw //p' "$TXN/ufw.answer" >"$ufw_present"
}

ufw_defaults() {
  # What is done with outgoing and routed packets is the owner's business: where ufw comes into force by this change, the
  # plan says what the kernel does with them now.
  for default in DEFAULT_INPUT_POLICY=DROP IPV6=yes $(plan ufw_policies); do
    value=${default#*=}
    grep -Eq "^${default%%=*}=\"?$value\"?\$" /etc/default/ufw && continue
    ufw_changed_defaults=yes
    sed "s/^${default%%=*}=.*/${default%%=*}=\"$value\"/" /etc/default/ufw >"$TXN/ufw.default"
    install_file 0644 "$TXN/ufw.default" /etc/default/ufw
  done
}

ufw_unwanted() {
  grep -Fvx -f "$ufw_wanted" "$ufw_present" | while IFS= read -r rule; do
    ! ufw_own "$rule" || { printf '%s\n' "$rule"; continue; }
    # Only what lets somebody in; what the owner denies, limits outwards or routes is the owner's.
    case $rule in 'allow out '* | 'limit out '*) continue ;; 'allow '* | 'limit '*) ;; *) continue ;; esac
    for port in $(plan ssh_ports); do
      case " ${rule%% comment *} " in
        *" $port "* | *" $port/tcp "*) printf '%s\n' "$rule"; break ;;
      esac
    done
    case $rule in "allow OpenSSH" | "allow ssh" | "allow OpenSSH "* | "limit OpenSSH" | "limit ssh") printf '%s\n' "$rule" ;; esac
  done
}

# ufw_own RULE: did an earlier change put it there, or a knock? That change wrote down what it put there; one of an earlier
# Postern had no more than a comment for it.
ufw_own() {
  case $1 in
    "allow from "*" proto tcp comment 'postern door'")
      [ ! -f "$STATE/sealed/plan" ] || case $1 in *" to any port $(get "$STATE/sealed/plan" ssh_port) proto "*) return 0 ;; esac
      ;;
  esac
  if [ -f /etc/postern/ufw.rules ]; then
    grep -Fqx -e "$1" /etc/postern/ufw.rules
  else
    case $1 in *" comment 'postern: "*"'") [ -f "$SNAPSHOT/tree/etc/postern/door.conf" ] ;; *) return 1 ;; esac
  fi
}

# Read back from ufw and from the kernel.
ufw_check() {
  lacking=$(grep -Fvx -f "$ufw_present" "$ufw_wanted" || :)
  [ -z "$lacking" ] || fail "ufw does not have these rules although it accepted them: $lacking"
  left=$(ufw_unwanted)
  [ -z "$left" ] || fail "ufw still has these rules although it deleted them: $left"
  for tool in iptables ip6tables; do
    "$tool" -w 10 -S INPUT | grep -q '^-P INPUT DROP' || fail "$tool does not drop incoming packets although ufw is enabled"
  done
}

# Only what is ours goes: the owner's rules stay with ufw, which is no longer in force.
firewall_retire() {
  ufw_present="$TXN/ufw.present"
  echo 'show added' | ufw_run
  # Disabled first: firewalld empties iptables' tables when it starts, and ufw could not find its rules there.
  {
    echo '--force disable'
    while IFS= read -r rule; do ! ufw_own "$rule" || printf '%s\n' "--force delete ${rule%% comment *}"; done <"$ufw_present"
  } >"$TXN/ufw.commands"
  ufw_run <"$TXN/ufw.commands"
  rm -f "$UNITS/ufw.service.d/postern.conf"
  rmdir "$UNITS/ufw.service.d" 2>/dev/null || :
  # Read anew, or systemd would tell the next snapshot what it remembers.
  systemctl -q disable ufw.service 2>/dev/null || :
  # The new firewall may have the sealed copy's chain for its own.
  [ "$(plan firewall)" = iptables ] || closed_unload
  for tool in iptables ip6tables; do
    chain_unload "$tool" POSTERN
    [ "$(plan firewall)" = iptables ] || backstop_unload "$tool"
    [ "$(plan firewall)" = iptables ] || shared_unload "$tool"
  done
  [ "$(plan firewall)" = iptables ] || rm -f /etc/postern/chain.v4 /etc/postern/chain.v6
  rm -f /etc/postern/ufw.rules
}

firewall_rules() {
  for tool in iptables ip6tables; do
    printf 'rules %s %s\n' "$tool" "$(rules_in_force "$tool" | sha256sum | cut -d' ' -f1)"
  done
}

# Chain by chain, because a reboot may make the chains in another order; without the doors that are held open by a
# knock. A rule for the backup port is not left out: on a sealed host it should not be.
rules_in_force() {
  { "$1-save" -t filter; "$1-save" -t security; } | grep -Ev '^(#|:)' | grep -Fvx -e "$(held_doors "$1")" | sort -s -k 2,2
}

# The rule of a held door in ufw's file, which has the rule itself on the next line: an address that the ssh port is open to,
# with the comment `postern door`, in hexadecimal.
door_mark() {
  printf '^### tuple ### allow tcp %s [^ ]* any [^ ]* in comment=706f737465726e20646f6f72$' "$(get "$STATE/sealed/plan" ssh_port)"
}

without_doors() {
  case $1 in
    /etc/ufw/user*.rules) sed "/$(door_mark)/,/^-A/d" "$1" | grep . ;;
    *) cat "$1" ;;
  esac
}

# held_doors TOOL: those rules as the kernel prints them.
held_doors() {
  case $1 in
    iptables) held_file=/etc/ufw/user.rules held_bits=32 ;;
    ip6tables) held_file=/etc/ufw/user6.rules held_bits=128 ;;
  esac
  sed -n "/$(door_mark)/,/^-A/s/^-A \([^ ]*\) -p tcp --dport \([0-9]*\) -s \([^ ]*\) -j ACCEPT\$/-A \1 -s \3\/$held_bits -p tcp -m tcp --dport \2 -j ACCEPT/p" "$held_file"
}
