#!/bin/sh
# Reads what the deployer has to know of a host before anything is touched. Writes nothing.
# Prints key=value lines; a key may come several times. The shell itself takes apart what programs print: a program more
# is what costs here.

each() { while IFS= read -r each_line; do printf '%s=%s\n' "$1" "$each_line"; done; }

one() { printf '%s=%s\n' "$1" "$2"; }

# The deployer, as the host sees it: client address and port, server address and port.
one connection "${SSH_CONNECTION:-}"

one uid "$(id -u)"
while IFS='=' read -r key value; do
  value=${value#'"'}
  value=${value%'"'}
  case $key in ID) one os "$value" ;; ID_LIKE) one os_like "$value" ;; VERSION_ID) one version "$value" ;; esac
done </etc/os-release
getent passwd | while IFS=: read -r account _ _ _ _ home shell; do one account "$account:$home:$shell"; done
read -r line </proc/1/comm
one systemd "$line"
one booted "$(systemctl is-system-running 2>/dev/null)"
# The interface of the first default route, of IPv6 with -6.
default_link() {
  ip -o "$@" route show default 2>/dev/null | while IFS= read -r line; do
    case $line in *' dev '*) ;; *) continue ;; esac
    line=${line#* dev }
    printf '%s\n' "${line%% *}"
    break
  done
}
interface=$(default_link)
one interface "$interface"
one interface6 "$(default_link -6)"
ip -o addr show scope global 2>/dev/null | while read -r _ _ family address _; do
  case $family in inet | inet6) one address "${address%%/*}" ;; esac
done
for link in /sys/class/net/*; do one link "${link##*/}"; done
df -Pk /var/lib | while read -r _ _ _ free _; do case $free in *[!0-9]*) ;; *) one free_kib "$free" ;; esac; done
for tool in apt-get dnf rpm restorecon iptables-save nft flock ss sudo ufw; do
  command -v "$tool" >/dev/null 2>&1 && one tool "$tool"
done
[ -e /etc/nologin ] && one nologin /etc/nologin
grep -Eisq '^[[:space:]]*(sshd|ALL)[[:space:]]*:' /etc/hosts.deny && one hosts_deny /etc/hosts.deny

# RHEL's family: what stands above sshd's own files.
if command -v getenforce >/dev/null 2>&1; then case $(getenforce) in Disabled) ;; *) one selinux "$(getenforce)" ;; esac; fi
if read -r fips </proc/sys/crypto/fips_enabled; then one fips "$fips"; fi 2>/dev/null
[ ! -f /etc/sysconfig/sshd ] || sed -n 's/^\(OPTIONS\|CRYPTO_POLICY\)="*\([^"]*\)"*$/\1=\2/p' /etc/sysconfig/sshd | each sshd_options

# sshd as its binary and all its files say, not as a version number promises. DebianBanner is one that `sshd -T` never
# lists: a build that takes it has it.
if settings=$(/usr/sbin/sshd -T -o DebianBanner=no 2>/dev/null); then
  directives=' debianbanner '
elif settings=$(/usr/sbin/sshd -T 2>&1); then
  directives=' '
else
  directives=''
fi
ports=' '
while IFS= read -r line; do
  if [ -z "$directives" ]; then
    refusal=$line
  else
    case $directives in *" ${line%% *} "*) ;; *) directives="$directives${line%% *} " ;; esac
  fi
  # Not the `port` lines: a ListenAddress with a port of its own takes another.
  case $line in
    # In lower case until OpenSSH 10.3.
    [Ll]isten[Aa]ddress' '*:[0-9]*)
      case $ports in *" ${line##*:} "*) ;; *) ports="$ports${line##*:} " ;; esac
      ;;
    [Pp]assword[Aa]uthentication' yes') one sshd_passwords yes ;;
    [Pp]ermit[Rr]oot[Ll]ogin' yes') one sshd_root yes ;;
  esac
done <<END
$settings
END
if [ -n "$directives" ]; then one sshd_directives "$directives"; else one sshd_error "$refusal"; fi
for port in $ports; do one sshd_port "$port"; done

for query in kex cipher mac HostKeyAlgorithms; do
  ssh -Q "$query" 2>/dev/null | {
    known=
    while IFS= read -r line; do known="$known$line "; done
    one "knows_$query" "$known"
  }
done
for key in /etc/ssh/ssh_host_*_key.pub; do
  [ ! -f "$key" ] || { read -r type line _ <"$key" && one host_key "$type $line"; }
done
units='ssh.service ssh.socket sshd.service sshd.socket ufw.service firewalld.service nftables.service netfilter-persistent.service knockd.service fail2ban.service systemd-timesyncd.service chrony.service chronyd.service ntpsec.service ntp.service'
# shellcheck disable=SC2086 # a list; one call, because each costs a fork and a question to systemd
systemctl show -p Id,LoadState,ActiveState,UnitFileState,ExecStart,ExecReload,ExecStop,Listen,MainPID $units 2>/dev/null | {
  state='' execs='' id='' listens='' main=''
  while IFS= read -r line || [ -n "$id" ]; do
    case $line in
      '')
        one "unit_$id" "$state"
        # shellcheck disable=SC2034 # for facts-socket.sh
        case $id in
          ssh.service | sshd.service) sshd_main=$main ;;
          ssh.socket | sshd.socket) case $state in *ActiveState=active*) sshd_socket "$listens" ;; esac ;;
        esac
        [ "$id" != nftables.service ] || printf '%s' "$execs"
        state='' execs='' id='' listens='' main=''
        ;;
      Id=*) id=${line#Id=} ;;
      MainPID=*) main=${line#*=} ;;
      Listen=*:[0-9]*' (Stream)')
        line=${line%' (Stream)'}
        case $listens in *" ${line##*:} "*) ;; *) listens="${listens:- }${line##*:} " ;; esac
        ;;
      Exec*) execs="${execs}nftables_exec=$line
" ;;
      *) state="$state$line " ;;
    esac
  done
}
# What its owner has it do, also where Postern's drop-in, which comes after it, hides that from systemd.
for unit_file in /etc/systemd/system/nftables.service /etc/systemd/system/nftables.service.d/*.conf; do
  if [ ! -f "$unit_file" ] || [ "${unit_file##*/}" = postern.conf ]; then continue; fi
  grep -E '^[[:space:]]*Exec(Start|Reload|Stop)[[:space:]]*=' "$unit_file" | each "nftables_own=$unit_file"
done
if command -v ufw >/dev/null 2>&1 && grep -q '^ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null; then
  one ufw enabled
  ufw show added 2>/dev/null | sed -n 's/^ufw //p' | each ufw_rule
  # What an earlier change put there.
  [ ! -f /etc/postern/ufw.rules ] || each ufw_own </etc/postern/ufw.rules
  for rules in before before6 after after6; do
    cmp -s "/etc/ufw/$rules.rules" "/usr/share/ufw/iptables/$rules.rules" || one ufw_edited "/etc/ufw/$rules.rules"
  done
  grep -q '^MANAGE_BUILTINS=yes' /etc/default/ufw && one ufw_manages_builtins yes
fi
# Packages of firewalls, some of which apt would remove for another.
for package in ufw firewalld iptables-persistent netfilter-persistent; do
  if [ -e "/var/lib/dpkg/info/$package.list" ]; then one package "$package"; fi
done
# The zone of the interface that the world comes in by, and what is in it that is not ours.
if [ -f /etc/firewalld/firewalld.conf ]; then
  zone='' firewalld=''
  # Asked while it is down, D-Bus would start it.
  if systemctl -q is-active firewalld.service; then
    firewalld=active
    zone=$(busctl call org.fedoraproject.FirewallD1 /org/fedoraproject/FirewallD1 org.fedoraproject.FirewallD1.zone \
      getZoneOfInterface s "$interface" 2>/dev/null |
      sed -n 's/^s "\(.*\)"$/\1/p')
    grep -q '^NftablesTableOwner=yes' /etc/firewalld/firewalld.conf && one firewalld_owner yes
  fi
  [ -n "$zone" ] || zone=$(sed -n 's/^DefaultZone=//p' /etc/firewalld/firewalld.conf)
  one firewalld_zone "${zone:-public}"
  # What an earlier change put into it.
  [ ! -f /etc/postern/zone.xml ] || each zone_own </etc/postern/zone.xml
  if [ -n "$firewalld" ]; then
    firewall-cmd --zone="${zone:-public}" --list-all 2>/dev/null |
      sed -n 's/^  target: ACCEPT$/target ACCEPT/p; s/^  \(services\|ports\|protocols\|sources\|forward-ports\|source-ports\|icmp-blocks\): \(..*\)/\1 \2/p; s/^  masquerade: yes/masquerade/p; s/^\t\(rule .*\)/\1/p' |
      each zone_entry
    firewall-cmd --get-active-zones 2>/dev/null | while read -r line; do
      case $line in
        interfaces:* | sources:*) [ "$other" = "${zone:-public}" ] || [ "$other" = docker ] || one zone_entry "zone $other, $line" ;;
        *) other=$line ;;
      esac
    done
  fi
fi
# Other tables of nftables that decide something: not iptables' own, a manager's that is told of above, or fail2ban's.
if command -v nft >/dev/null 2>&1; then
  nft list tables 2>/dev/null | while read -r _ family table; do
    case "$family $table" in
      'inet postern' | 'inet postern_backup' | *' f2b-table') continue ;;
      # Killed while it starts, it leaves a table that nobody minds.
      'inet firewalld') [ -z "${firewalld:-}" ] || continue ;;
      'ip '* | 'ip6 '*) case $table in filter | nat | mangle | raw | security) continue ;; esac ;;
    esac
    listed=$(nft list table "$family" "$table")
    printf '%s\n' "$listed" | grep -Eq '\<(drop|reject|dnat|redirect|queue|tproxy)\>' || continue
    one nft_table "$family $table"
    case $listed in *'hook input '*' dport '*accept*) one nft_opens "$family $table" ;; esac
  done
fi
# Rules that no known manager owns: ufw and Postern have whole chains, and a jump to them is all they have in those of the
# kernel; a comment is for anybody to write. And those that send packets elsewhere before any of them is asked, as docker does.
if command -v iptables-save >/dev/null 2>&1; then
  # An earlier Postern's rule for a change that it left unsealed.
  backup_port=$(sed -n 's/^backup_port=//p' /var/lib/postern/change/payload/plan 2>/dev/null)
  for save in iptables-save ip6tables-save; do
    case $save in iptables-save) nat_rule=nat_rule ;; ip6tables-save) nat_rule=nat6_rule ;; esac
    "$save" 2>/dev/null | sed -n '/^\*/{h;d;}
    /^-A [A-Z]* -j ufw6\{0,1\}-\(before\|after\|reject\|track\)-\(logging-\)\{0,1\}\(input\|forward\|output\)$/d
    /^-A \(INPUT\|OUTPUT\) -j POSTERN\(-INPUT\|-OUTPUT\|-BACKUP\|-LEAST\)\{0,1\}$/d
    /^-A INPUT -s [^ ]* -p tcp -m tcp --dport '"${backup_port:-0}"' -m comment --comment postern-backup -j ACCEPT$/d
    G
    s/^\(-A \(INPUT\|FORWARD\|OUTPUT\) .*\)\n\*filter$/filter_rule=\1/p
    /^-A OUTPUT /d
    s/^\(-A .* -j \(DNAT\|REDIRECT\)\>.*\)\n\*nat$/'"$nat_rule"'=\1/p'
  done
fi
if command -v iptables-legacy-save >/dev/null 2>&1 && iptables-legacy-save 2>/dev/null | grep -q '^-A'; then one legacy_rules yes; fi
