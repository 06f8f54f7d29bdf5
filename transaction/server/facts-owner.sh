#!/bin/sh
# What the owner of the host set up that a change takes the place of: doors of a knock daemon, and logins. Read before
# facts.sh, in the same shell; prints key=value lines as it does. Writes nothing.
#
#   knock_config=FILE                    it is neither Postern's nor what its package brought
#   login_key=USER TYPE KEY COMMENT      of an account with a shell
#   login_password=USER                  such an account has one

# as_packaged FILE: is it what its package brought?
as_packaged() {
  if command -v dpkg-query >/dev/null 2>&1; then
    case $1 in */knockd*) packaged_by=knockd ;; *) packaged_by=fwknop-server ;; esac
    packaged_sum=$(md5sum <"$1")
    case $(dpkg-query -W -f '${Conffiles}' "$packaged_by" 2>/dev/null) in *" $1 ${packaged_sum%% *}"*) return 0 ;; esac
    return 1
  fi
  rpm -qf "$1" >/dev/null 2>&1 && ! rpm -Vf "$1" 2>/dev/null | grep -q "^..5.* $1\$"
}
for knock_config in /etc/knockd.conf /etc/default/knockd /etc/sysconfig/knockd /etc/fwknop/access.conf /etc/fwknop/fwknopd.conf; do
  if [ ! -s "$knock_config" ] || head -n 2 "$knock_config" | grep -q '^# \(Written\|Managed\) by Postern'; then continue; fi
  as_packaged "$knock_config" || printf 'knock_config=%s\n' "$knock_config"
done

login_passwords=' '
while IFS=: read -r login_user login_hash _; do
  case $login_hash in '$'*) login_passwords="$login_passwords$login_user " ;; esac
done </etc/shadow 2>/dev/null
getent passwd | while IFS=: read -r login_user _ _ _ _ login_home login_shell; do
  case $login_shell in */nologin | */false | */true | */sync) continue ;; esac
  case $login_passwords in *" $login_user "*) printf 'login_password=%s\n' "$login_user" ;; esac
  # Options before the key, which may hold a secret, stay on the host.
  for login_file in "$login_home/.ssh/authorized_keys" "$login_home/.ssh/authorized_keys2"; do
    [ ! -s "$login_file" ] || sed -n "/^[[:space:]]*#/d; s/^\\(.*[[:space:]]\\)\\{0,1\\}\\(ssh-[^[:space:]]*\\|ecdsa-[^[:space:]]*\\|sk-[^[:space:]]*\\)[[:space:]]\\{1,\\}\\(AAAA[A-Za-z0-9+/=]*\\)[[:space:]]*\\(.\\{0,60\\}\\).*/login_key=$login_user \\2 \\3 \\4/p" "$login_file"
  done
done
