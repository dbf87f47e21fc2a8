#!/bin/sh
# shellcheck shell=sh disable=SC2154,SC2034 # the parts share their variables
# What the acceptance run finds, and what it sets up: another host behind a pair of interfaces, pf with rules for that pair only, the
# configuration, and fail2ban's jail. Addresses are of the ranges for documentation.

us=198.51.100.1 us6=2001:db8:a::1
# The other end of the pair: never to be banned.
friend=198.51.100.2 friend6=2001:db8:a::2
# Behind it: one that scans, and one that does not.
foreign=203.0.113.8/29 foreign6=2001:db8:bad::/64
bad=203.0.113.9 bad6=2001:db8:bad::9 honest=203.0.113.10
# Where everybody may connect to.
open_port=7001
pid_file=/var/run/pfasciilogd.pid

look_before() {
  state_of_host >"$work/before"
  if ! grep -q "Status: Enabled" "$work/before" && ! grep -q " runs" "$work/before"; then return; fi
  [ -n "$force" ] ||
    refuse "pf is enabled, or pfasciilogd, tcpdump or fail2ban run. Stop them, or say --force, which does so until the end." 69
}

stop_what_runs() {
  for service in fail2ban pfasciilogd; do
    if grep -q "^$service runs" "$work/before"; then
      later "service_start $service"
      service_stop "$service"
    fi
  done
}

write_rules() {
  cat >"$work/pf.conf" <<RULES
set skip on lo0
anchor "f2b/*"
pass quick on ! $inner no state
pass in log quick on $inner inet proto tcp to port $open_port
pass in log quick on $inner inet proto udp to port 7003 no state
block in log on $inner
block out log on $inner inet proto udp to port 7002
pass quick on $inner inet6 proto icmp6 icmp6-type { neighbrsol neighbradv }
RULES
}

enable_pf() {
  pfctl -sr >"$work/rules.before" 2>/dev/null
  if [ -s "$work/rules.before" ]; then
    later "pfctl -f /etc/pf.conf"
  else
    later "pfctl -F all"
  fi
  write_rules
  run pfctl -f "$work/pf.conf" || return 1
  grep -q "Status: Enabled" "$work/before" && return 0
  later "pfctl -d"
  run pfctl -e
}

configure() {
  for file in /var/log/pf.log "$etc/pfasciilogd.toml" "$etc/fail2ban/jail.d/pfasciilogd-acceptance.local" \
    "$etc/fail2ban/jail.d/zzz-pfasciilogd-never.local" "$etc/fail2ban/jail.d/000-pfasciilogd-never.conf"; do
    set_aside "$file"
  done
  later "rm -f /var/log/pf.log.0 /var/log/pf.log.0.*"
  printf '[guard]\nnever = ["%s", "%s"]\n' "$friend" "$friend6" >"$etc/pfasciilogd.toml"
}

# Ends what listens or sends in the background.
end_background() {
  [ ! -s "$work/background" ] || xargs kill <"$work/background" 2>/dev/null
  : >"$work/background"
}

set_stage() {
  : >"$work/background"
  later end_background
  stop_what_runs
  if ! make_other_host; then
    row failed "another host behind a pair" "see the report; a kernel without VIMAGE can't"
    exit 1
  fi
  if ! enable_pf; then
    row failed "pf with rules for $inner" "see the report"
    exit 1
  fi
  row good "another host, and pf before it" "$inner"
  configure
}
