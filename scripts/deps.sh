#!/usr/bin/env bash
# Installs the system packages of the given stages of packages.txt, if any is missing: deps.sh build test
# Says nothing when there is nothing to do. Needs root or sudo only when something is missing.
set -euo pipefail
list=$(dirname "$0")/packages.txt

say() { echo "deps: $*" >&2; }

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is not Debian or Ubuntu; the libraries in $list must already be here"
    exit 0
fi

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# The tests need a Python that can make virtual environments; any will do, not only Debian's.
has_python() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

missing=()
for stage in "$@"; do
    while read -r package; do
        if [ "$stage" = test ] && [[ $package = python3* ]] && has_python; then continue; fi
        is_installed "$package" || missing+=("$package")
    done < <(awk -v stage="$stage" '$1 == stage { print $2 }' "$list")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "not root and no sudo; as root: apt-get install ${missing[*]}"; exit 1; }
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Waits for another apt to finish; tries each mirror thrice.
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" \
        >>"$log" 2>&1 </dev/null
}
install_missing() { apt install -y --no-install-recommends "${missing[@]}"; }

say "installing ${missing[*]}"
# First with the package lists that are here: refreshing them is slow and mostly needless.
if ! install_missing; then
    apt update || say "apt-get update failed; trying with the lists that are here"
    if ! install_missing; then
        cat "$log" >&2
        say "could not install ${missing[*]}; see above, then run: apt-get install ${missing[*]}"
        exit 1
    fi
fi
