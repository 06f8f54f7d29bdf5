# shellcheck shell=sh
# Behind every rule of the table filter, whoever put it there and wherever: new connections to the ssh port of whom the
# kernel's list does not have are dropped once more, in the table security, which packets pass after filter. So a rule that
# another program puts first in INPUT, as Tailscale does whenever it starts, opens nothing. Installed behind recent.sh.

# backstop_rule TOOL SECONDS
# shellcheck disable=SC2154 # door and ssh_port are in /etc/postern/door.conf
backstop_rule() {
  case $1 in iptables) backstop_list=postern4 ;; ip6tables) backstop_list=postern6 ;; esac
  backstop_time=
  [ "$door" != timed ] || backstop_time=" --seconds $2"
  echo "! -i lo -p tcp -m tcp --dport $ssh_port -m conntrack --ctstate NEW -m recent ! --rcheck$backstop_time --name $backstop_list --rsource -j DROP"
}

# backstop_load TOOL [SECONDS]: all of it is exchanged at once.
# shellcheck disable=SC2154
backstop_load() {
  backstop_jump='-A INPUT -j POSTERN-BACKSTOP'
  case $("$1" -w 10 -t security -S INPUT 2>/dev/null) in *"$backstop_jump"*) backstop_jump= ;; esac
  "$1-restore" -w 10 -n <<RULES
*security
:POSTERN-BACKSTOP - [0:0]
-A POSTERN-BACKSTOP $(backstop_rule "$1" "${2:-$open_seconds}")
$backstop_jump
COMMIT
RULES
}

# backstop_ok TOOL: is it in force? Sets $wrong.
# shellcheck disable=SC2034 # told by closed.sh
backstop_ok() {
  wrong="$1 does not look at the ssh port again behind the rules of others"
  case $("$1" -w 10 -t security -S 2>/dev/null) in
    *'-A INPUT -j POSTERN-BACKSTOP'*'-A POSTERN-BACKSTOP '*" --dport $ssh_port "*' -j DROP'*) ;;
    *) return 1 ;;
  esac
  wrong=
}

# backstop_unload TOOL
backstop_unload() {
  "$1" -w 10 -t security -D INPUT -j POSTERN-BACKSTOP 2>/dev/null || return 0
  "$1" -w 10 -t security -F POSTERN-BACKSTOP
  "$1" -w 10 -t security -X POSTERN-BACKSTOP
}
