#!/bin/bash
# Runs the simulated tests of the given binaries where loops gather
# (EventLoop::Options::gathers): what programs print is to be the same.
#
#   gathered_programs_test.sh BINARY...
set -u
export SIMLOOP_TEST_GATHERS=1
unset GTEST_OUTPUT XML_OUTPUT_FILE TESTBRIDGE_TEST_ONLY
failed=0
ran=0
for binary in "$@"; do
  out=$("$binary" --gtest_filter='*Simulated*' --gtest_brief=1 2>&1)
  if [ $? -ne 0 ]; then
    failed=$((failed + 1))
    printf '%s:\n%s\n' "$binary" "$out"
  fi
  count=$(sed -n 's/^\[==========\] \([0-9]*\) tests\{0,1\} from .* ran.*/\1/p' <<<"$out")
  ran=$((ran + ${count:-0}))
done
echo "$ran tests of $# binaries ran; $failed binaries failed"
[ "$failed" -eq 0 ] && [ "$ran" -gt 0 ]
