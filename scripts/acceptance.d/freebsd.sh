#!/bin/sh
# shellcheck shell=sh disable=SC2154,SC2034 # the parts share their variables
# The acceptance run's hands on FreeBSD: an epair whose other end is a host of its own, a jail with a network of its own (vnet).

system_programs="jail jexec ifconfig route service kldload"
etc=/usr/local/etc
supervised=yes
scanner=pfasciilogd_acceptance

list_interfaces() {
  ifconfig -l
  jls name 2>/dev/null
}

load_module() {
  if ! kldstat -q -m "$1"; then
    run kldload "$1" || return 1
    later "kldunload $1"
  fi
}

# Sets $inner to our end of the pair.
make_other_host() {
  load_module pf || return 1
  kldstat -q -m pflog || later "kldunload pflog"
  ifconfig pflog0 >/dev/null 2>&1 || later "ifconfig pflog0 destroy"
  inner=$(ifconfig epair create) || return 1
  later "ifconfig $inner destroy"
  outer=${inner%a}b
  run jail -c "name=$scanner" path=/ vnet "vnet.interface=$outer" persist || return 1
  later "jail -r $scanner"
  run ifconfig "$inner" inet "$us/30" up &&
    run ifconfig "$inner" inet6 "$us6" prefixlen 64 no_dad &&
    in_other_host ifconfig lo0 inet 127.0.0.1/8 up &&
    in_other_host ifconfig "$outer" inet "$friend/30" up &&
    in_other_host ifconfig "$outer" inet6 "$friend6" prefixlen 64 no_dad &&
    in_other_host ifconfig "$outer" inet "$bad/32" alias &&
    in_other_host ifconfig "$outer" inet "$honest/32" alias &&
    in_other_host ifconfig "$outer" inet6 "$bad6" prefixlen 128 no_dad alias &&
    run route -n add -net "$foreign" "$friend" &&
    run route -n -6 add -net "$foreign6" "$friend6" || return 1
}

in_other_host() {
  run jexec "$scanner" "$@"
}

# ping_from SOURCE TARGET
ping_from() {
  case $1 in
    *:*) in_other_host ping -6 -n -c 1 -S "$1" "$2" ;;
    *) in_other_host ping -n -c 1 -t 1 -S "$1" "$2" ;;
  esac
}

# pings_from SOURCE TARGET COUNT: a hundred a second.
pings_from() {
  in_other_host ping -n -i 0.01 -c "$3" -t 60 -S "$1" "$2"
}

service_start() { run service "$1" onestart; }
service_stop() { run service "$1" onestop; }

rotate() {
  run newsyslog -F /var/log/pf.log
}
