#!/bin/sh
# outage.sh cut TABLE PORT DIRECTION | restore TABLE: a network that loses everything between this machine and one lab host, whose
# end of the cable is PORT, silently. DIRECTION: both, towards the host, or from it. The name of a test's table begins
# with postern_test_PROCESS, so that ../transaction/outage.sh removes what a killed process left.
set -eu
case $1 in
  cut)
    towards="chain towards { type filter hook output priority 0; oifname $3 drop; }"
    from="chain from { type filter hook prerouting priority 0; iifname $3 drop; }"
    case $4 in
      towards) from= ;;
      from) towards= ;;
    esac
    printf 'table bridge %s {\n%s\n%s\n}\n' "$2" "$towards" "$from" | nft -f -
    ;;
  restore) nft delete table bridge "$2" ;;
esac
