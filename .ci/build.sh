# shellcheck shell=bash
# configure DIR [OPTION...]: configures the build folder DIR of the current source tree, or looks again at one that is
#   there; with the compiler of $CXX, clang++-19 by default, and from scratch when that changed.
# quietly COMMAND...: runs it, and shows what it printed only when it fails. Both are sourced by the run scripts.

export CXX=${CXX:-clang++-19}

quietly() {
  local log status=0
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  ((status == 0)) || { echo "failed: $*"; tail -n 200 "$log"; } >&2
  rm -f "$log"
  return "$status"
}

configure() {
  local dir=$1 how=()
  shift
  if [[ -f $dir/build.ninja ]]; then
    if [[ -f $dir/.compiler && $(<"$dir/.compiler") != "$CXX" ]]; then how=(--wipe); else how=(--reconfigure); fi
  fi
  quietly meson setup "${how[@]}" "$dir" "$@"
  echo "$CXX" >"$dir/.compiler"
}
