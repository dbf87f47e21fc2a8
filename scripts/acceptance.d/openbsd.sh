#!/bin/sh
# shellcheck shell=sh disable=SC2154,SC2034 # the parts share their variables
# The acceptance run's hands on OpenBSD: a pair whose other end is in a routing domain of its own.

system_programs="ifconfig route rcctl"
etc=/etc
supervised=
domain=77

list_interfaces() {
  ifconfig | sed -n 's/^\([a-z0-9]*\):.*/\1/p'
}

# Sets $inner to our end of the pair.
make_other_host() {
  ifconfig pflog0 >/dev/null 2>&1 || {
    run ifconfig pflog0 create up || return 1
    later "ifconfig pflog0 destroy"
  }
  inner=pair770
  outer=pair771
  run ifconfig "$inner" create || return 1
  later "ifconfig $inner destroy"
  run ifconfig "$outer" create rdomain "$domain" || return 1
  later "ifconfig lo$domain destroy"
  later "ifconfig $outer destroy"
  run ifconfig "$inner" patch "$outer" &&
    run ifconfig "$inner" inet "$us/30" up &&
    run ifconfig "$inner" inet6 "$us6" prefixlen 64 &&
    run ifconfig "$outer" inet "$friend/30" up &&
    run ifconfig "$outer" inet6 "$friend6" prefixlen 64 &&
    run ifconfig "$outer" inet alias "$bad/32" &&
    run ifconfig "$outer" inet alias "$honest/32" &&
    run ifconfig "$outer" inet6 alias "$bad6" prefixlen 128 &&
    run route -n add -net "$foreign" "$friend" &&
    run route -n add -inet6 "$foreign6" "$friend6" || return 1
  later "route -n delete -net $foreign"
  later "route -n delete -inet6 $foreign6"
  # Addresses of IPv6 are usable once they are known to be unique.
  sleep 2
}

in_other_host() {
  run route -T "$domain" exec "$@"
}

# ping_from SOURCE TARGET
ping_from() {
  case $1 in
    *:*) in_other_host ping6 -n -c 1 -w 1 -I "$1" "$2" ;;
    *) in_other_host ping -n -c 1 -w 1 -I "$1" "$2" ;;
  esac
}

# pings_from SOURCE TARGET COUNT: a hundred a second.
pings_from() {
  in_other_host ping -n -i 0.01 -c "$3" -I "$1" "$2"
}

service_start() { run rcctl -f start "$1"; }
service_stop() { run rcctl stop "$1"; }

# newsyslog here reads one file only.
rotate() {
  echo "/var/log/pf.log root:wheel 640 7 1000 * ZB /var/run/pfasciilogd.pid SIGHUP" >"$work/newsyslog.conf"
  run newsyslog -F -f "$work/newsyslog.conf" /var/log/pf.log
}
