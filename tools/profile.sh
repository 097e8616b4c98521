#!/usr/bin/env bash
# Counts which ways the code takes in use, and keeps them in
# tools/simloop.profdata, with which --config=fast is built.
#
#   tools/profile.sh
#
# What is used is the work of `simloop bench`, searches, a replay and a trace in
# the simulation, and servers under load on the kernel of this machine. To be
# run after a change of the code that these spend their time in; needs clang-14,
# llvm-14 and gcc.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."

bazel build --config=train --ui_event_filters=-info --noshow_progress \
  //scenarios:simloop
bin=$(bazel info --config=train bazel-bin 2>/dev/null)/scenarios/simloop
work=$(mktemp -d)
# shellcheck disable=SC2064
trap "rm -rf -- '$work'" EXIT
export LLVM_PROFILE_FILE=$work/%p.profraw

simloop() {
  echo "simloop $*" >&2
  "$bin" "$@" >"$work/out" 2>&1 || true
}

simloop bench pingpong 1 150000
simloop bench pingpong 100 1500
simloop bench pingpong 1000 150
simloop bench pingpong 10000 15
simloop bench churn 60000 100
simloop bench churn 20000 100 end
simloop bench bulk 400000000
simloop bench idle 20000
simloop bench http 100 300
simloop bench mesh 100 30
simloop bench mesh 100 30 spread
simloop bench worlds 20000

races=scenarios/catalog/races
for race in r01_keep_alive_reuse r15_stale_event r18_deadline; do
  simloop search "$races/${race}_mended.txtpb" --runs 5000 --jobs 1
  simloop search "$races/${race}_mended.txtpb" --runs 2000 --jobs 1 \
    --time any-order
done
for scenario in scenarios/catalog/{http,links,net}/*.txtpb; do
  simloop run "$scenario" --seed 1 --trace "$work/trace"
  simloop view "$work/trace"
done

gcc -O2 -w -o "$work/load" tests/bench/live/load.c
# serve WORK PROGRAM [ARG]: a live server under load.
serve() {
  echo "simloop serve --program $2" >&2
  "$bin" serve --program "$2" --port 18473 "${@:3}" >/dev/null &
  sleep 1
  "$work/load" "$1" 18473 64 3 >/dev/null
  kill -INT %1
  wait %1 || true
}
serve http http_hello length=true
serve close http_hello length=true
serve echo echo_server

llvm-profdata-14 merge --sparse -o tools/simloop.profdata "$work"/*.profraw
