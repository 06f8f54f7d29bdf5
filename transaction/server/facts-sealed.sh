# shellcheck shell=sh
# What Postern left on the host: whether it is behind its door, a change under way, or the last one. Read behind facts.sh, or
# alone; prints key=value lines. Writes nothing.
plan=/var/lib/postern/sealed/plan phase='' operation=''
if [ -f /var/lib/postern/record ]; then
  while IFS= read -r line; do
    case $line in
      phase=*) phase=${line#*=} ;;
      operation=*) operation=${line#*=} ;;
    esac
  done </var/lib/postern/record
fi
case $phase$operation in
  # Restored: what is still there of the seal is about to be forgotten.
  committedrestore) plan='' ;;
  committed*) plan=/var/lib/postern/change/payload/plan ;;
esac
if [ -n "$plan" ] && { [ -f /var/lib/postern/sealed/manifest ] || [ -d /var/lib/postern/origin ]; }; then echo 'sealed=yes'; fi
if [ -f "$plan" ]; then
  while IFS= read -r line; do
    case $line in
      firewall=* | knock=* | id=* | holder=*) printf 'sealed_%s\n' "$line" ;;
    esac
  done <"$plan"
  # Copied there when it was sealed, whatever was tried and rolled back since.
  case $plan in */sealed/plan) echo "sealed_at=$(date -u -r "$plan" +%FT%TZ)" ;; esac
fi
if [ -f /var/lib/postern/record ]; then
  sed 's/^/record_/' /var/lib/postern/record
  # disk.sh: a rollback that waits for its disk.
  [ ! -f /run/postern-rollback/held ] || sed 's/^/held_/' /run/postern-rollback/held
  echo "deadline=$(tail -n 1 /var/lib/postern/deadline 2>/dev/null)"
  echo "uptime=$(cut -d. -f1 /proc/uptime)"
  echo "boot=$(cat /proc/sys/kernel/random/boot_id)"
fi
exit 0
