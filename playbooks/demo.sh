#!/usr/bin/env bash
# The README's first command: a lab of three SSH hosts, site.yml twice (the second time nothing changes), then a failure
# that is meant. The lab goes away on every exit. LAB is the lab's folder, BIN holds orchestra and its Python.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${LAB:=.lab}" "${BIN:=.venv/bin}"

say() { printf '\n\033[1m%s\033[0m\n' "== $*"; }
[[ -t 1 && -z "${NO_COLOR:-}" ]] || say() { printf '\n== %s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }
play() { "$BIN/orchestra" play -i "$LAB/inventory.yml" "$@"; }

# shellcheck disable=SC2154  # status is set when the trap runs
trap 'status=$?; "$BIN/python" -m orchestra.testing.lab down --dir "$LAB"; exit $status' EXIT

say "Three SSH hosts on loopback"
# In CI a lab that is not OpenSSH's own server would prove too little.
"$BIN/python" -m orchestra.testing.lab up --dir "$LAB" --hosts 3 ${CI:+--kind openssh}

say "orchestra play playbooks/site.yml: the first run changes things"
log=$LAB/demo.log
if [[ -t 1 ]]; then
    play playbooks/site.yml  # a terminal gets the live view
else
    play playbooks/site.yml | tee "$log"
    grep -q 'changed=[1-9]' "$log" || fail "the first run changed nothing"
fi

say "The same again: nothing left to change"
play playbooks/site.yml | tee "$log"
grep -q 'changed=0 ' "$log" && ! grep -q 'changed=[1-9]' "$log" || fail "the second run changed something"

say "A failure, on purpose: playbooks/demo-failure.yml"
status=0
play playbooks/demo-failure.yml --output dense 2>&1 | tee "$log" || status=$?
[[ $status -eq 2 ]] || fail "the failing playbook ended with $status instead of 2"
grep -q 'demo-failure\.yml:[0-9]' "$log" || fail "the failure was told without its file and line"
say "Told with file and line, exit status $status, as it should be"
