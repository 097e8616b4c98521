#!/bin/bash
# Runs the command of the Kubernetes job of docs/clusters.md sixteen times, with
# the variables that an indexed job gives its pods, and the page's line for GNU
# parallel (Debian's `parallel`, if it is there); merges what they found, and
# compares it with what one process finds.
#
#   tests/clusters/indexed_jobs.sh [SCENARIO [RUNS]]
#
# It starts no Kubernetes: pods are processes, two at a time.
. "$(dirname "$0")/compare.sh"

# /data is the volume of the pods: here the folder to work in.
pod=$(block '^apiVersion' | sed -n 's/^ *args: \["\(.*\)"\]$/\1/p' |
      sed "s|/data/||g; s|search |search --runs $runs --jobs 1 |")
echo "--- the pods' command"
echo "$pod"
echo "---"
export JOB_COMPLETIONS=16
for ((i = 0; i < 16; i += 2)); do
  JOB_COMPLETION_INDEX=$i sh -c "$pod" > log/$i &
  first=$!
  JOB_COMPLETION_INDEX=$((i + 1)) sh -c "$pod" > log/$((i + 1)) || exit 1
  wait $first || exit 1
done
unset JOB_COMPLETIONS
simloop merge found/* --out found.all
compare found.all

command -v parallel > /dev/null || skip "there is no parallel; apt-get install parallel"
rm -rf found found.all one
line=$(block '^parallel' | head -n 1 |
       sed "s|-j 16|-j 2|; s|search |search --runs $runs |")
echo "--- $line"
bash -c "$line" > log/parallel 2>&1
simloop merge found/* --out found.all
compare found.all
