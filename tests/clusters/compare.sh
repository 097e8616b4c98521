# What the scripts here share, to be sourced: a folder to work in, and the
# comparison of what the parts of a search found with what one process finds.
set -u -o pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scenario=$(realpath "${1:-$root/scenarios/catalog/races/r23_early_answer_flawed.txtpb}")
runs=${2:-500}
simloop=${SIMLOOP:-$root/.bazel/bin/scenarios/simloop}

skip() {
  echo "skipped: $*"
  exit 77
}
[ -x "$simloop" ] || skip "there is no $simloop; ./simloop help builds it"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/found" "$work/log"
cp "$simloop" "$work/bin/simloop"
cp "$scenario" "$work/race.txtpb"
export PATH=$work/bin:$PATH
cd "$work" || exit 1

# The block of docs/clusters.md whose first line matches $1.
block() {
  awk -v first="$1" \
      '/^```/ { if (on) exit; open = !open; next }
       open && !on && $0 ~ first { on = 1 }
       on' "$root/docs/clusters.md"
}

# compare FOLDER: what is merged in it, and 16 x RUNS runs of one process.
compare() {
  simloop search race.txtpb --runs $((16 * runs)) --jobs 1 --out one > one.txt
  cat one.txt
  local file
  for file in one/*.schedule "$1"/*.schedule; do
    cmp "one/${file##*/}" "$1/${file##*/}" || exit 1
  done
  # All but how far a search was, which is of no use to a merged one.
  diff <(grep -v '^next ' one/search.txt) "$1/search.txt" || exit 1
  echo "the same in $((16 * runs)) runs; ways to fail:" \
       "$(ls one/*.schedule | wc -l)"
}
