#!/bin/bash
# Finds and shrinks every race of the corpus with one build of simloop, and
# replays what is left strictly with another: the same trace, record for record.
#
#   bazel build --config=opt //scenarios:simloop && cp ... gcc
#   bazel build --config=clang //scenarios:simloop && cp ... clang
#   tests/scenarios/both_compilers.sh gcc clang
#
# Exit status 1 if any race is not found, is not small, or is another run.
set -u
[ $# -eq 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
one=$(realpath "$1")
other=$(realpath "$2")
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root/scenarios/catalog/races" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The compilers as the binaries themselves tell.
for binary in "$one" "$other"; do
  strings -a "$binary" | grep -E '^(GCC: |Debian clang)' | sort -u | head -n 1
done

good=0
bad=0
for file in *_flawed.txtpb; do
  race=${file%_flawed.txtpb}
  "$one" search "$file" --until-failure --jobs 1 --out "$work/$race" > /dev/null
  "$one" shrink "$work/$race/failure-1.schedule" > /dev/null
  schedule=$work/$race/failure-1.shrunk.schedule
  decisions=$(grep -c '^decide ' "$schedule")
  replayed=$("$other" replay "$schedule" 2>&1)
  status=$?
  if [ $status -eq 1 ] && [ "$decisions" -le 5 ]; then
    good=$((good + 1))
  else
    bad=$((bad + 1))
    echo "$race: $decisions decisions, replay ends with $status:"
    echo "$replayed"
  fi
done
echo "$good shrunk schedules are the same run, $bad are not"
[ $bad -eq 0 ]
