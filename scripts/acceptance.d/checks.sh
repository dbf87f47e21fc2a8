#!/bin/sh
# shellcheck shell=sh disable=SC2154,SC2034 # the parts share their variables
# The checks of the acceptance run, in their order: each ends in lines of the table.

in_log() {
  grep -q -- "$1" /var/log/pf.log
}

program_pid() {
  [ -s "$pid_file" ] && sed 1q "$pid_file"
}

is_running() {
  pid=$(program_pid) && kill -0 "$pid" 2>/dev/null
}

check_start() {
  later "! pgrep -f 'bin/pfasciilogd run' || service_stop pfasciilogd"
  run pfasciilogd validate --before-start
  verdict $? "before the start" "validate has no objection" "validate objects: see the report"
  service_start pfasciilogd && wait_for 30 is_running
  verdict $? "the service starts" "pid $(program_pid)" "no pid file after 30 s"
  is_running || exit 1
  # Until tcpdump listens, pf logs for nobody.
  wait_for 30 first_packet
  verdict $? "the first packet is in the log" "written by tcpdump on pflog0" "none after 30 s"
}

first_packet() {
  udp_from "$friend" "$us" 9 "first"
  in_log "$friend\.[0-9]* > $us\.9:"
}

# udp_from SOURCE TARGET PORT TEXT
udp_from() {
  printf '%s' "$4" >"$work/payload"
  # shellcheck disable=SC2016 # the other shell's words
  in_other_host sh -c 'nc -u -w 1 -s "$1" "$2" "$3" <"$4"' sh "$1" "$2" "$3" "$work/payload"
}

# tcp_from SOURCE TARGET PORT
tcp_from() {
  in_other_host nc -z -w 1 -s "$1" "$2" "$3"
}

# expect_line CHECK PATTERN
expect_line() {
  wait_for 10 in_log "$2"
  verdict $? "$1" "$(grep -c -- "$2" /var/log/pf.log) in the log" "no line has: $2"
}

check_packets() {
  forged="rule 1/0(match): block in on em0: 192.0.2.66.53 > $us.22: Flags [S], seq 1"
  tcp_from "$bad" "$us" 23
  expect_line "TCP, blocked" "block in on $inner: $bad\.[0-9]* > $us\.23: Flags \[S"
  udp_from "$bad" "$us" 161 "probe"
  expect_line "UDP, blocked" "block in on $inner: $bad\.[0-9]* > $us\.161:"
  ping_from "$bad" "$us"
  expect_line "ICMP, blocked" "block in on $inner: $bad > $us: ICMP echo request"
  tcp_from "$bad6" "$us6" 23
  expect_line "TCP over IPv6, blocked" "block in on $inner: $bad6\.[0-9]* > $us6\.23: Flags \[S"
  ping_from "$bad6" "$us6"
  expect_line "ICMPv6, blocked" "block in on $inner: $bad6 > $us6: ICMP6, echo request"
  udp_from "$honest" "$us" 7003 "hello"
  expect_line "UDP, passed" "pass in on $inner: $honest\.[0-9]* > $us\.7003:"
  note "+ nc -u from here, blocked on its way out"
  echo out | nc -u -w 1 "$friend" 7002 >>"$work/log" 2>&1
  expect_line "UDP, blocked on its way out" "block out on $inner: $us\.[0-9]* > $friend\.7002:"
  # A line feed in front, as an attacker would.
  udp_from "$bad" "$us" 69 "
$forged"
  wait_for 10 in_log "$bad\.[0-9]* > $us\.69:"
  ! grep -q "^[^ ]* rule 1/0(match): block in on em0: 192.0.2.66" /var/log/pf.log
  verdict $? "a payload that looks like a line" "is no line of its own" "passes for a line"
}

# The numbers of the echo requests that $friend has sent, of the rotated log and the present one, one a line.
numbers_logged() {
  {
    for file in /var/log/pf.log.0*; do
      case $file in
        *.bz2) bzip2 -dc "$file" ;;
        *.gz) gzip -dc "$file" ;;
        *.xz) xz -dc "$file" ;;
        *.zst) zstd -dc "$file" ;;
        *) [ ! -f "$file" ] || cat "$file" ;;
      esac
    done
    cat /var/log/pf.log
  } | sed -n "s/.* $friend > $us: ICMP echo request, .*seq \([0-9]*\),.*/\1/p"
}

all_numbers_logged() {
  [ "$(numbers_logged | sort -n -u | grep -c .)" -ge "$1" ]
}

check_rotation() {
  count=800
  pings_from "$friend" "$us" "$count" &
  sender=$!
  sleep 2
  rotate
  verdict $? "newsyslog, with $count packets coming" "rotated" "newsyslog failed: see the report"
  wait "$sender"
  wait_for 20 all_numbers_logged "$count"
  different=$(numbers_logged | sort -n -u | grep -c .)
  doubled=$(numbers_logged | sort -n | uniq -d | grep -c .)
  [ "$different" -eq "$count" ] && [ "$doubled" -eq 0 ]
  verdict $? "nothing is lost over it" "$different of $count, none doubled" "$different of $count, $doubled doubled"
}

# comes_through TEXT: a packet of its own, sent until it is logged.
comes_through() {
  port=$((port + 1))
  udp_from "$friend" "$us" "$port" "again"
  # Any of those sent so far: the last one may still be on its way to the log.
  in_log "$friend\.[0-9]* > $us\.${port%??}[0-9][0-9]:"
}

check_killed_tcpdump() {
  port=9100
  pkill -KILL -P "$(program_pid)" tcpdump
  wait_for 40 comes_through
  verdict $? "tcpdump is killed" "another one follows pflog0" "no packet is logged for 40 s"
}

# runs_again PID: whether another process has taken its place. Where nobody does so by itself, it is started.
runs_again() {
  is_running && [ "$(program_pid)" != "$1" ] && return 0
  [ -n "$supervised" ] || service_start pfasciilogd
  return 1
}

check_killed_program() {
  port=9200
  killed=$(program_pid)
  kill -KILL "$killed"
  wait_for 60 runs_again "$killed" && wait_for 40 comes_through
  verdict $? "the program is killed" "pid $(program_pid) goes on" "no packet is logged a minute later"
}

is_banned() {
  pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T show | grep -q "^ *$1\$"
}

check_ban() {
  if ! command -v fail2ban-client >/dev/null; then
    row skipped "fail2ban" "it is not installed"
    return
  fi
  printf '[pfasciilogd]\nenabled = true\n' >"$etc/fail2ban/jail.d/pfasciilogd-acceptance.local"
  run pfasciilogd ignoreip --write
  verdict $? "ignoreip --write" "the never-ban list is in place" "see the report"
  later "! fail2ban-client ping || service_stop fail2ban"
  service_start fail2ban && wait_for 60 fail2ban-client status pfasciilogd
  verdict $? "fail2ban starts with the jail" "pfasciilogd" "see the report, and fail2ban's log"

  nc -k -l "$us" "$open_port" >/dev/null 2>&1 &
  echo $! >>"$work/background"
  for scanned in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do tcp_from "$bad" "$us" "$((8000 + scanned))"; done
  for scanned in 1 2 3; do tcp_from "$honest" "$us" "$((8000 + scanned))"; done
  pings_from "$friend" "$us" 50
  wait_for 60 is_banned "$bad"
  verdict $? "the scanner is banned" "$bad" "not after a minute: see the report"
  banned=$(pfctl -a f2b/pfasciilogd -t f2b-pfasciilogd -T show 2>/dev/null | tr -d ' ' | grep -v "^$bad6\$" | tr '\n' ' ')
  [ "$banned" = "$bad " ]
  verdict $? "and nobody else" "the table of pf has it alone" "the table of pf has: $banned"

  tcp_from "$honest" "$us" "$open_port"
  verdict $? "who is not banned connects" "to port $open_port" "port $open_port does not answer"
  ! tcp_from "$bad" "$us" "$open_port"
  verdict $? "who is banned does not" "pf drops it" "it connects to port $open_port"
  tcp_from "$bad" "$us" 8999
  sleep 2
  ! in_log "$bad\.[0-9]* > $us\.8999:"
  verdict $? "and is not logged any more" "the log does not grow" "packets of $bad are still logged"
}

check_validate() {
  if ! command -v fail2ban-client >/dev/null; then
    row skipped "validate" "without fail2ban it has findings"
    return
  fi
  run pfasciilogd validate
  verdict $? "validate" "all checks are good" "it has findings: see the report"
}

nothing_runs() {
  pgrep -f 'bin/pfasciilogd run' && return 1
  # Others may have one of their own.
  grep -q "^tcpdump runs" "$work/before" || ! pgrep -x tcpdump || return 1
  [ ! -e "$pid_file" ]
}

check_stop() {
  service_stop pfasciilogd
  verdict $? "the service stops" "in order" "the stop failed"
  wait_for 5 nothing_runs
  verdict $? "nothing is left of it" "no process, no pid file" "see what pgrep says: $(pgrep -f 'bin/pfasciilogd run' | tr '\n' ' ')"
}
