# shellcheck shell=sh
# ufw: default deny incoming, the posture's ports, and nothing else of ours. Sourced by switch.sh.

firewall_switch() {
  ufw_defaults
  ufw_wanted="$PAYLOAD/files/ufw.rules"
  # What is there and not wanted: our own of an earlier posture, and every rule for the ssh ports, which were open
  # to anybody. `ufw delete` of a rule that is not there ends with success, so the list is read back afterwards.
  ufw_present="$TXN/ufw.present"
  ufw_read
  ufw_unwanted | while IFS= read -r rule; do ufw_run --force delete "${rule%% comment *}"; done
  grep -Fvx -f "$ufw_present" "$ufw_wanted" | grep . | while IFS= read -r rule; do ufw_rule "$rule"; done
  # Before ufw denies everything, the door is there.
  sh /usr/local/lib/postern/chain load
  systemctl -q --no-reload enable postern-chain.service 2>/dev/null
  systemctl -q --no-block start postern-chain.service
  if grep -q '^ENABLED=yes' /etc/ufw/ufw.conf && [ -n "$(iptables -S ufw-user-input 2>/dev/null)" ]; then
    [ -z "${ufw_changed_defaults:-}" ] || ufw reload >/dev/null
  else
    ufw --force enable >/dev/null || fail 'ufw could not be enabled'
  fi
  case $(unit_state ufw.service) in enabled*) ;; *) systemctl -q --no-reload enable ufw.service 2>/dev/null ;; esac
  ufw_check
}

ufw_defaults() {
  for default in DEFAULT_INPUT_POLICY=DROP DEFAULT_OUTPUT_POLICY=ACCEPT IPV6=yes; do
    value=${default#*=}
    grep -Eq "^${default%%=*}=\"?$value\"?\$" /etc/default/ufw && continue
    ufw_changed_defaults=yes
    sed "s/^${default%%=*}=.*/${default%%=*}=\"$value\"/" /etc/default/ufw >"$TXN/ufw.default"
    install_file 0644 "$TXN/ufw.default" /etc/default/ufw
  done
}

# Each call of ufw starts a Python; one reading serves several questions.
ufw_read() { ufw show added | sed -n 's/^ufw //p' >"$ufw_present"; }

ufw_unwanted() {
  grep -Fvx -f "$ufw_wanted" "$ufw_present" | while IFS= read -r rule; do
    case $rule in *" comment 'postern"*) printf '%s\n' "$rule"; continue ;; esac
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

# The comment is one word for ufw; everything else splits at spaces. All of it was checked against an allow-list.
ufw_rule() {
  # shellcheck disable=SC2086
  set -- ${1%% comment *} comment "$(printf '%s\n' "$1" | sed "s/.* comment '\(.*\)'\$/\1/")"
  ufw "$@" >/dev/null || fail "ufw refuses the rule: $*"
}

ufw_run() {
  # shellcheck disable=SC2086
  set -- "$1" "$2" $3
  ufw "$@" >/dev/null || fail "ufw refuses: $*"
}

# Read back from ufw and from the kernel.
ufw_check() {
  ufw_read
  lacking=$(grep -Fvx -f "$ufw_present" "$ufw_wanted" || :)
  [ -z "$lacking" ] || fail "ufw does not have these rules although it accepted them: $lacking"
  left=$(ufw_unwanted)
  [ -z "$left" ] || fail "ufw still has these rules although it deleted them: $left"
  for tool in iptables ip6tables; do
    "$tool" -w 10 -S INPUT | grep -q '^-P INPUT DROP' || fail "$tool does not drop incoming packets although ufw is enabled"
  done
}
