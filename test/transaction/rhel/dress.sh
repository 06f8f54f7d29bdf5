#!/bin/sh
# Dresses a Debian as a host of RHEL's family: its names for sshd's units, knockd's options and the packages; dnf, rpm and
# SELinux's tools, which keep books in /var/lib/dressed; firewalld running, as its installer leaves it. apt and dpkg are
# hidden, and whoever asks for them is written down.
set -eu
books=/var/lib/dressed
mkdir -p "$books"
: >"$books/forbidden"
: >"$books/local"
printf 'firewalld\nnftables\nsudo\n' >"$books/rpms"

rm -f /etc/os-release
printf 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n' >/etc/os-release

export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y --no-install-recommends install firewalld nftables
systemctl enable --now firewalld.service
# Packages of this family start nothing.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

systemctl disable --now ssh.service ssh.socket
rm -f /etc/init.d/ssh
for kind in service socket; do
  sed '/^Alias=/d; s/ssh\.\(service\|socket\)/sshd.\1/g' "/usr/lib/systemd/system/ssh.$kind" >"/usr/lib/systemd/system/sshd.$kind"
  rm "/usr/lib/systemd/system/ssh.$kind"
done
systemctl daemon-reload
systemctl enable --now sshd.service

program() { cat >"/usr/local/bin/$1" && chmod 755 "/usr/local/bin/$1"; }

for hidden in apt-get dpkg-query ufw; do
  program "$hidden" <<END
#!/bin/sh
echo "$hidden \$*" >>$books/forbidden
exit 127
END
done

echo 'echo Enforcing' | program getenforce
for tool in restorecon chcon; do echo "echo $tool \"\$*\" >>$books/labels" | program "$tool"; done

program rpm <<'END'
#!/bin/sh
shift 3
for name in "$@"; do grep -Fx -e "$name" /var/lib/dressed/rpms || echo "package $name is not installed"; done
END

program dnf <<'END'
#!/bin/sh
set -eu
books=/var/lib/dressed
while [ "$1" != install ]; do shift; done
shift
for name in "$@"; do
  case $name in
    knock-server | google-authenticator)
      grep -Fqx epel-release "$books/rpms" || { echo "No match for argument: $name"; exit 1; }
      ;;
  esac
  case $name in
    knock-server)
      /usr/bin/apt-get -q -y --no-install-recommends install knockd
      rm -f /etc/default/knockd /etc/init.d/knockd
      cat >/usr/lib/systemd/system/knockd.service <<UNIT
[Unit]
Description=A port-knocking server
After=network.target
[Service]
Type=forking
EnvironmentFile=-/etc/sysconfig/knockd
ExecStart=/usr/sbin/knockd -d \$OPTIONS
[Install]
WantedBy=multi-user.target
UNIT
      systemctl daemon-reload
      ;;
    google-authenticator) /usr/bin/apt-get -q -y --no-install-recommends install libpam-google-authenticator ;;
    policycoreutils-python-utils) mv "$books/semanage" /usr/local/bin/semanage ;;
  esac
  echo "$name" >>"$books/rpms"
done
END

cat >"$books/semanage" <<'END'
#!/bin/sh
# port -l | port -l -C -n | port -a|-m -t TYPE -p tcp PORT | port -d -p tcp PORT
local=/var/lib/dressed/local
case $* in
  'port -l') { printf 'ssh_port_t tcp 22\nhttp_port_t tcp 80, 81, 443\n'; cat "$local"; } ;;
  'port -l -C -n') cat "$local" ;;
  'port -a '*) ! grep -q " $7\$" "$local" && echo "$4 tcp $7" >>"$local" ;;
  'port -m '*) sed -i "/ $7\$/d" "$local" && echo "$4 tcp $7" >>"$local" ;;
  'port -d '*) grep -q " $5\$" "$local" && sed -i "/ $5\$/d" "$local" ;;
  *) exit 2 ;;
esac
status=$?
echo "$* $status" >>/var/lib/dressed/semanage.log
exit "$status"
END
chmod 755 "$books/semanage"
