#!/bin/sh
# shellcheck shell=sh disable=SC2154,SC2034 # the parts share their variables
# What the acceptance run keeps: the table, the report, and what is to be undone. The caller has $work and $report.

begin_record() {
  failures=0
  : >"$work/table"
  : >"$work/undo"
  {
    echo "Acceptance of pfasciilogd, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    uname -a
    echo "pfasciilogd $(pfasciilogd --version 2>&1)"
    tcpdump --version 2>&1 | sed 1q
    fail2ban-client --version 2>&1 | sed 1q
  } >"$work/log" 2>&1
}

# note TEXT ...: a line of the report only.
note() {
  printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >>"$work/log"
}

# run COMMAND ...: its output goes to the report.
run() {
  note "+ $*"
  "$@" >>"$work/log" 2>&1 </dev/null
}

# row VERDICT CHECK DETAIL: a line of the table.
row() {
  [ "$1" != failed ] || failures=$((failures + 1))
  printf '%-8s %-34s %s\n' "$1" "$2" "$3" | tee -a "$work/table"
}

# verdict STATUS CHECK GOOD BAD: good where the status is 0.
verdict() {
  if [ "$1" -eq 0 ]; then row good "$2" "$3"; else row failed "$2" "$4"; fi
}

# later COMMAND: a line of the shell that undoes something; the last one runs first.
later() {
  printf '%s\n' "$1" >>"$work/undo"
}

undo_all() {
  sed '1!G;h;$!d' "$work/undo" >"$work/undo.now"
  : >"$work/undo"
  while read -r command <&3; do
    note "undo: $command"
    eval "$command" >>"$work/log" 2>&1 </dev/null || note "that failed"
  done 3<"$work/undo.now"
}

# wait_for SECONDS COMMAND ...: until it succeeds.
wait_for() {
  wait_end=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$wait_end" ] || return 1
    sleep 1
  done
}

# set_aside FILE: another may take its place; at the end it is back.
set_aside() {
  if [ -e "$1" ]; then
    later "mv -f '$1.before-acceptance' '$1'"
    run mv "$1" "$1.before-acceptance"
  else
    later "rm -f '$1'"
  fi
}

# What must be the same at the end.
state_of_host() {
  pfctl -s info 2>/dev/null | sed -n 's/^\(Status: [A-Za-z]*\).*/\1/p'
  pfctl -sr 2>/dev/null
  list_interfaces
  for file in "$etc"/pfasciilogd.toml "$etc"/fail2ban/jail.d/*; do
    [ ! -f "$file" ] || cksum "$file"
  done
  pgrep -f 'bin/pfasciilogd run' >/dev/null && echo "pfasciilogd runs"
  pgrep -x tcpdump >/dev/null && echo "tcpdump runs"
  fail2ban-client ping >/dev/null 2>&1 && echo "fail2ban runs"
  return 0
}

end_all() {
  trap - EXIT
  trap '' HUP INT TERM
  cat /var/log/pf.log >"$work/pf.log" 2>/dev/null
  undo_all
  state_of_host >"$work/after"
  if cmp -s "$work/before" "$work/after"; then
    row good "everything undone" "pf, interfaces, files and services are as before"
  else
    row failed "everything undone" "see the end of the report for what differs"
  fi
  {
    cat "$work/table"
    echo
    cat "$work/log"
    echo
    echo "The host before and after:"
    diff "$work/before" "$work/after" && echo "no difference"
    echo
    echo "The end of the log:"
    tail -n 200 "$work/pf.log" 2>/dev/null
  } >"$report"
  rm -rf "$work"
  if [ "$failures" -eq 0 ]; then
    echo "All is good. The report: $report"
    exit 0
  fi
  echo "$failures failed. Please attach this file to a report: $report"
  exit 1
}
