"""The same end state as a pyinfra deploy. Run in the folder that holds `files`."""

from pyinfra.operations import apt, files, server, systemd

apt.packages(
    name="packages",
    packages=["ufw", "knockd", "sudo", "iptables"],
    update=True,
    no_recommends=True,
)

server.user(name="administrator", user="ops", shell="/bin/bash", create_home=True)
files.directory(path="/home/ops/.ssh", user="ops", group="ops", mode="700")
server.shell(
    name="administrator's keys",
    commands=["install -m 600 -o ops -g ops /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys"],
)
files.put(src="files/sudoers", dest="/etc/sudoers.d/ops", mode="440")

files.directory(path="/etc/ssh/backup", mode="755")
server.shell(
    name="backup sshd's keys",
    commands=[
        "[ -f /etc/ssh/backup/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/backup/ssh_host_ed25519_key",
        "install -m 644 /root/.ssh/authorized_keys /etc/ssh/backup/authorized_keys",
    ],
)
files.put(src="files/backup_sshd_config", dest="/etc/ssh/backup/sshd_config", mode="600")
files.put(src="files/ssh-backup.service", dest="/etc/systemd/system/ssh-backup.service")
files.put(src="files/knockd.override", dest="/etc/systemd/system/knockd.service.d/override.conf")
systemd.service(name="backup sshd up", service="ssh-backup", running=True, daemon_reload=True)

for family, rules, chain in ((4, "before.rules", "ufw-before-input"), (6, "before6.rules", "ufw6-before-input")):
    door = (
        f"-A {chain} -p tcp --dport 22 -m conntrack --ctstate NEW "
        f"-m recent --rcheck --seconds 30 --name knock{family} --rsource -j ACCEPT"
    )
    server.shell(
        name=f"door and silence, IPv{family}",
        commands=[
            f"sed -i -e '/-A {chain} .*\\(echo-request\\|--dport 5353\\|--dport 1900\\)/s/ACCEPT$/DROP/' "
            f"-e '/^# End required lines/a {door}' /etc/ufw/{rules}"
        ],
    )
server.shell(
    name="ufw's policy and rules",
    commands=["ufw default deny incoming", "ufw allow 4002/tcp comment p2p", "ufw allow 4003/tcp comment api"],
)

files.put(src="files/knock-door", dest="/usr/local/sbin/knock-door", mode="755")
files.put(src="files/knockd.conf", dest="/etc/knockd.conf", mode="600")
files.put(src="files/knockd.default", dest="/etc/default/knockd", mode="644")
files.put(src="files/sshd_drop_in", dest="/etc/ssh/sshd_config.d/00-hardening.conf", mode="600")
server.shell(name="ufw on", commands=["sshd -t", "ufw --force enable"])
systemd.service(name="knockd", service="knockd", running=True, enabled=True, restarted=True)
systemd.service(name="sshd", service="ssh", reloaded=True)
systemd.service(name="backup sshd down", service="ssh-backup", running=False)
