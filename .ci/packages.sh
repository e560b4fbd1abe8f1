# shellcheck shell=bash disable=SC2034  # its lists are for the scripts that source it
# need_packages NAME...: makes sure that these Debian packages are there. Sourced by the run scripts.
# Asks apt only when something is missing, so that it works offline where nothing is.

BUILD_PACKAGES=(meson ninja-build pkg-config clang-19 g++ python3 liburing-dev libfmt-dev
  libprotobuf-dev libprotoc-dev libnghttp2-dev zlib1g-dev libssl-dev)
TEST_PACKAGES=(doctest-dev libthrift-dev libboost-dev thrift-compiler libevent-dev python3-thrift gdb
  protobuf-compiler python3-grpcio python3-protobuf nlohmann-json3-dev openssl
  libgrpc++-dev protobuf-compiler-grpc nghttp2-client)
CI_PACKAGES=(clang-format-19 libclang-rt-19-dev git)

need_packages() {
  command -v dpkg-query >/dev/null || return 0  # not Debian: meson says what it does not find
  local name missing=()
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null) == ii* ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    printf 'These packages are missing, and only root can install them:\n  apt-get install %s\n' "${missing[*]}" >&2
    return 1
  fi
  echo "installing: ${missing[*]}"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
