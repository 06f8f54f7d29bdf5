/**
 * One rule of a baseline. `wanted` is `a|b` (one of these), `<=3`, `>=3`, `!=22`, `set` (any value), `without a b` (a list
 * with none of these) or the very value; rules about a path are about its mode and owner, as `stat -c '%a %U'` prints them.
 */
export interface Rule {
  readonly id: string;
  /** Directive as `sshd -T` prints it, or a path. */
  readonly subject: string;
  readonly wanted: string;
}

/** A published list of rules for sshd. */
export interface Baseline {
  readonly name: string;
  /** Where the rules stand. */
  readonly source: string;
  readonly rules: readonly Rule[];
}

/** Lines of `id : subject : wanted`. */
function rules(text: string): Rule[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', subject = '', wanted = ''] = line.split(' : ');
      return { id, subject, wanted };
    });
}

const LYNIS: Baseline = {
  name: 'Lynis, SSH tests',
  source: 'Lynis 3.0.8, include/tests_ssh: SSH-7408 on `sshd -T`, SSH-7440',
  rules: rules(`
SSH-7408 AllowTcpForwarding : allowtcpforwarding : no
SSH-7408 AllowAgentForwarding : allowagentforwarding : no
SSH-7408 ClientAliveCountMax : clientalivecountmax : <=2
SSH-7408 ClientAliveInterval : clientaliveinterval : <=300
SSH-7408 Compression : compression : no
SSH-7408 FingerprintHash : fingerprinthash : SHA256
SSH-7408 GatewayPorts : gatewayports : no
SSH-7408 IgnoreRhosts : ignorerhosts : yes
SSH-7408 LoginGraceTime : logingracetime : <=120
SSH-7408 LogLevel : loglevel : VERBOSE
SSH-7408 MaxAuthTries : maxauthtries : <=3
SSH-7408 MaxSessions : maxsessions : <=2
SSH-7408 PermitRootLogin : permitrootlogin : no|without-password|prohibit-password|forced-commands-only
SSH-7408 PermitUserEnvironment : permituserenvironment : no
SSH-7408 PermitTunnel : permittunnel : no
SSH-7408 Port : port : !=22
SSH-7408 PrintLastLog : printlastlog : yes
SSH-7408 StrictModes : strictmodes : yes
SSH-7408 TCPKeepAlive : tcpkeepalive : no
SSH-7408 UseDNS : usedns : no
SSH-7408 X11Forwarding : x11forwarding : no
SSH-7440 : allowusers : set`),
};

const DEV_SEC: Baseline = {
  name: 'dev-sec ssh-baseline',
  source:
    'ssh-baseline 2.8.1, controls/sshd_spec.rb, put to the settings in force; it reads /etc/ssh/sshd_config alone',
  rules: rules(`
sshd-01 : ciphers : chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr
sshd-02 : kexalgorithms : sntrup761x25519-sha512@openssh.com,curve25519-sha256@libssh.org,diffie-hellman-group-exchange-sha256
sshd-03 : macs : hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512,hmac-sha2-256
sshd-04 : /etc/ssh : 755 root
sshd-05 : /etc/ssh/sshd_config : 600 root
sshd-06 : permitrootlogin : no|without-password|prohibit-password
sshd-08 : addressfamily : inet|inet6|any
sshd-09 : listenaddress : set
sshd-11 : strictmodes : yes
sshd-12 : syslogfacility : AUTH
sshd-13 : loglevel : VERBOSE
sshd-14 : hostkey : /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key
sshd-17 : permituserenvironment : no
sshd-18 : logingracetime : 30
sshd-19 : maxauthtries : 2
sshd-20 : maxsessions : 10
sshd-21 : maxstartups : 10:30:60
sshd-22 : pubkeyauthentication : yes
sshd-23 : ignorerhosts : yes
sshd-24 : ignoreuserknownhosts : yes
sshd-25 : hostbasedauthentication : no
sshd-27 : passwordauthentication : no
sshd-28 : permitemptypasswords : no
sshd-29 : kbdinteractiveauthentication : no
sshd-30 : kerberosauthentication : no
sshd-31 : kerberosorlocalpasswd : no
sshd-32 : kerberosticketcleanup : yes
sshd-33 : gssapiauthentication : no
sshd-34 : gssapicleanupcredentials : yes
sshd-35 : tcpkeepalive : no
sshd-36 : clientaliveinterval : 300
sshd-37 : clientalivecountmax : 3
sshd-38 : permittunnel : no
sshd-39 : allowtcpforwarding : no
sshd-40 : allowagentforwarding : no
sshd-41 : gatewayports : no
sshd-42 : x11forwarding : no
sshd-43 : x11uselocalhost : yes
sshd-44 : printmotd : no
sshd-45 : printlastlog : no
sshd-46 : banner : none
sshd-47 : debianbanner : no
sshd-48 : smallest_modulus : >=2047
sshd-50 : rsa_host_key_bits : >=4096`),
};

const CIS: Baseline = {
  name: 'CIS 5.1',
  source: 'CIS Debian Linux 12 benchmark, section 5.1, as ansible-lockdown implements it',
  rules: rules(`
5.1.1 sshd_config : /etc/ssh/sshd_config : 600 root
5.1.1 drop-in : /etc/ssh/sshd_config.d/00-postern.conf : 600 root
5.1.2 : /etc/ssh/ssh_host_ed25519_key : 600 root
5.1.3 : /etc/ssh/ssh_host_ed25519_key.pub : 644 root
5.1.4 : allowusers : set
5.1.5 : banner : /etc/issue.net
5.1.6 : ciphers : without 3des-cbc aes128-cbc aes192-cbc aes256-cbc chacha20-poly1305@openssh.com
5.1.7 interval : clientaliveinterval : <=300
5.1.7 count : clientalivecountmax : <=3
5.1.8 : disableforwarding : yes
5.1.9 : gssapiauthentication : no
5.1.10 : hostbasedauthentication : no
5.1.11 : ignorerhosts : yes
5.1.12 : kexalgorithms : without diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group-exchange-sha1
5.1.13 : logingracetime : <=60
5.1.14 : loglevel : INFO|VERBOSE
5.1.15 : macs : without hmac-md5 hmac-md5-96 hmac-sha1 hmac-sha1-96 umac-64@openssh.com hmac-sha1-etm@openssh.com umac-64-etm@openssh.com
5.1.16 : maxauthtries : <=4
5.1.17 : maxsessions : <=10
5.1.18 : maxstartups : 10:30:60
5.1.19 : permitemptypasswords : no
5.1.20 : permitrootlogin : no
5.1.21 : permituserenvironment : no
5.1.22 : usepam : yes`),
};

/** What none of the others asks for, and Postern promises: keys of its configuration alone. */
const WAYS_IN: Baseline = {
  name: 'Postern, ways in',
  source: 'docs/decisions/0071: what sshd authenticates by, for a login of the administrator',
  rules: rules(`
users : allowusers : ops
methods : authenticationmethods : publickey
keys in files : authorizedkeysfile : .ssh/authorized_keys
keys by a program : authorizedkeyscommand : none
certificates : trustedusercakeys : none
principals in files : authorizedprincipalsfile : none
principals by a program : authorizedprincipalscommand : none
hosts : hostbasedauthentication : no
root : permitrootlogin : no`),
};

/** The baselines that are put to a host's settings in force; ssh-audit looks from outside and has a program of its own. */
export const BASELINES: readonly Baseline[] = [LYNIS, DEV_SEC, CIS, WAYS_IN];
