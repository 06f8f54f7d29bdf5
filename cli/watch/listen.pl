# Listens to packets as they reach the host, before its firewall drops them. Runs on the host as root; it opens a socket
# and nothing else, so nothing is left when it ends.
#   listen.pl SECONDS     ends by itself then, or when nobody reads any more
# Standard input: a line for each port, `tcp|udp PORT<tab>LABEL`. Standard output: `ready`, then `ADDRESS<tab>LABEL` for
# each packet that begins something there (TCP: a SYN), and an empty line every two seconds. Perl is on every Debian.
use strict;
use warnings;
use Socket qw(:DEFAULT inet_ntop);

my %label = map { /^(tcp|udp) (\d+)\t(.*)$/ ? ("$1 $2" => $3) : () } <STDIN>;
my $end = time + shift;
$| = 1;

# Packets of all kinds (ETH_P_ALL) without their link headers.
socket(my $packets, 17, SOCK_DGRAM, unpack 'S', pack 'n', 3) or die "no packet socket: $!\n";
# Room for what comes while others scan the host (SO_RCVBUFFORCE, 8 MiB).
setsockopt $packets, SOL_SOCKET, 33, pack 'i', 1 << 23;
print "ready\n";
my $beat = time + 2;
while (time < $end) {
  vec(my $readable = '', fileno($packets), 1) = 1;
  if (select($readable, undef, undef, 1)) {
    my $link = recv($packets, my $packet, 2048, 0);
    # Type 4: sent by this host.
    report($packet) if defined $link && unpack('x10 C', $link) != 4;
  }
  next if time < $beat;
  # Ends the program where nobody reads any more.
  print "\n";
  $beat = time + 2;
}

sub report {
  my ($packet) = @_;
  return if length $packet < 28;
  my ($protocol, $from, $at);
  my $version = ord($packet) >> 4;
  if ($version == 4) {
    return if unpack('x6 n', $packet) & 0x1fff;    # a later fragment has no ports
    ($protocol, $from, $at) = (unpack('x9 C', $packet), inet_ntop(AF_INET, substr $packet, 12, 4), 4 * (ord($packet) & 15));
  } elsif ($version == 6 && length $packet >= 48) {
    ($protocol, $from, $at) = (unpack('x6 C', $packet), inet_ntop(AF_INET6, substr $packet, 8, 16), 40);
  } else {
    return;
  }
  my $name = { 6 => 'tcp', 17 => 'udp' }->{$protocol} or return;
  return if length $packet < $at + 8;
  my $port = unpack 'n', substr $packet, $at + 2, 2;
  my $label = $label{"$name $port"} or return;
  return if $name eq 'tcp' && (length $packet < $at + 14 || (ord(substr $packet, $at + 13, 1) & 0x12) != 2);
  print "$from\t$label\n";
}
