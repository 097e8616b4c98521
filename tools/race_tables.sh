#!/bin/bash
# Prints the rows of the two tables of docs/races.md, of all races or of those
# that are named: tools/race_tables.sh [r07_destroyed_lookup ...]. With
# TIME=any-order the searches are in that mode.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
simloop=${SIMLOOP:-$root/.bazel/bin/scenarios/simloop}
cd "$root/scenarios/catalog/races" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

races=("$@")
if [ $# -eq 0 ]; then
  for file in *_flawed.txtpb; do races+=("${file%_flawed.txtpb}"); done
fi

# After how many schedules a strategy finds it; "-": not at all.
schedules() {
  local out
  out=$("$simloop" search "$1_flawed.txtpb" --until-failure --jobs 1 \
      --check 0 --time "${TIME:-drawn}" --strategy $2 --out "$work/$1.${2%% *}")
  echo "$out" | sed -n 's/^1\. .*, the first is run \([0-9]*\):.*/\1/p' |
      awk '{ print $1 + 1; found = 1 } END { if (!found) print "-" }'
}

for race in "${races[@]}"; do
  row="| \`$race\`"
  for strategy in random swarm pct coverage "exhaustive --bound 2"; do
    row+=" | $(schedules "$race" "$strategy")"
  done
  echo "$row |"
done
for race in "${races[@]}"; do
  found=$work/$race.random/failure-1
  shrunk=$("$simloop" shrink "$found.schedule" |
      sed -n 's/^\([0-9]* of [0-9]*\) .*/\1/p' | head -n 1)
  first=$("$simloop" explain "$found.schedule" | head -n 1)
  echo "| \`$race\` | $shrunk | $first |"
done
