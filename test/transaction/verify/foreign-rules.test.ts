import { describe, expect, it } from 'vitest';
import { mightOpen } from '../../../transaction/verify/foreign-rules.ts';

const SOURCE = '203.0.113.9';

describe('a rule of the host’s own that is kept', () => {
  it.each([
    'allow 8080/tcp',
    'allow 8080',
    'limit 80,8080/tcp',
    'allow 8000:8100/tcp',
    "allow 8080/tcp comment 'a node'",
    'allow in on eth0 to any port 8080',
    'allow from 203.0.113.0/24 to any port 8080 proto tcp',
    'allow from 203.0.113.0/24',
    'allow from 203.0.113.9 port 99 to any port 8080',
    'reject 8080/tcp',
    "allow 'Nginx Full'",
    '/etc/ufw/before.rules',
    '-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT',
    '-A INPUT -p tcp -m multiport --dports 80,8000:9000 -j ACCEPT',
    '-A INPUT -s 203.0.113.0/24 -j ACCEPT',
    '-A INPUT ! -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT',
    '-A INPUT -j f2b-sshd',
    '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    '-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80',
    '-A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT',
  ])('may let port 8080 answer: %s', (rule) => {
    expect(mightOpen(rule, 8080, SOURCE)).toBe(true);
  });

  it.each([
    'allow 80/tcp',
    'allow 8080/udp',
    'allow 80,443/tcp',
    'allow 8081:8090/tcp',
    'deny 8080/tcp',
    'allow OpenSSH',
    'limit ssh',
    'allow out 8080/tcp',
    'route allow in on eth0 out on eth1',
    'allow from 198.51.100.0/24 to any port 8080 proto tcp',
    'allow from 198.51.100.0/24',
    'allow from 2001:db8::/32',
    'allow from any to any port 443 proto tcp',
    '-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT',
    '-A INPUT -p udp -m udp --dport 8080 -j ACCEPT',
    '-A INPUT -p tcp -m tcp --dport 8080 -j DROP',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A OUTPUT -p tcp -m tcp --dport 8080 -j ACCEPT',
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:80',
    '-A DOCKER ! -i docker0 -p udp -m udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    '-A INPUT -s 198.51.100.0/24 -j ACCEPT',
  ])('does not: %s', (rule) => {
    expect(mightOpen(rule, 8080, SOURCE)).toBe(false);
  });

  it('is taken to admit whom it may when nobody knows where the probe comes from', () => {
    expect(mightOpen('allow from 198.51.100.0/24', 8080, '')).toBe(true);
  });
});
