# shellcheck shell=sh
# ufw: default deny incoming, the posture's ports, and nothing else of ours. Sourced by switch.sh.

firewall_switch() {
  ufw_defaults
  ufw_wanted="$PAYLOAD/files/ufw.rules"
  ufw_present="$TXN/ufw.present"
  # Before ufw denies everything, the door is there.
  sh /usr/local/lib/postern/chain load
  systemctl -q --no-reload enable postern-chain.service 2>/dev/null
  systemctl -q --no-block start postern-chain.service
  # Where there are rules already, ufw says which.
  : >"$ufw_present"
  ! grep -q '^### tuple ###' /etc/ufw/user.rules /etc/ufw/user6.rules || echo 'show added' | ufw_run
  ufw_commands >"$TXN/ufw.commands"
  # Read back in the same breath: `ufw delete` of a rule that is not there ends with success.
  if [ -s "$TXN/ufw.commands" ]; then
    echo 'show added' >>"$TXN/ufw.commands"
    ufw_run <"$TXN/ufw.commands"
  fi
  case $(unit_state ufw.service) in enabled*) ;; *) systemctl -q --no-reload enable ufw.service 2>/dev/null ;; esac
  ufw_check
}

# What is there and not wanted goes: our own of an earlier posture, and every rule for the ssh ports, which were open to
# anybody. What is wanted and not there comes.
ufw_commands() {
  ufw_unwanted | while IFS= read -r rule; do printf '%s\n' "--force delete ${rule%% comment *}"; done
  grep -Fvx -f "$ufw_present" "$ufw_wanted" | grep . || :
  if grep -q '^ENABLED=yes' /etc/ufw/ufw.conf && [ -n "$(iptables -S ufw-user-input 2>/dev/null)" ]; then
    [ -z "${ufw_changed_defaults:-}" ] || echo reload
  else
    echo '--force enable'
  fi
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
  for default in DEFAULT_INPUT_POLICY=DROP DEFAULT_OUTPUT_POLICY=ACCEPT IPV6=yes; do
    value=${default#*=}
    grep -Eq "^${default%%=*}=\"?$value\"?\$" /etc/default/ufw && continue
    ufw_changed_defaults=yes
    sed "s/^${default%%=*}=.*/${default%%=*}=\"$value\"/" /etc/default/ufw >"$TXN/ufw.default"
    install_file 0644 "$TXN/ufw.default" /etc/default/ufw
  done
}

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
