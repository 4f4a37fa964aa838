#!/usr/bin/env bash
# Builds the fuzz target with libFuzzer and runs it: scripts/fuzz.sh [SECONDS] [further flags of libFuzzer]
# The corpus is kept in var/fuzz/messages; a find is written there as crash-…; Fuzz/Seeds has the first inputs.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
out=${FUZZ_BUILD:-$PWD/.build/fuzz}
corpus=$PWD/var/fuzz/messages
mkdir -p "$out" "$corpus"
flags=(-O -g -swift-version 6 -package-name kuaibao -sanitize=fuzzer -parse-as-library
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault -I "$out")
# The module on its own, so that its own rules of access hold; then the target.
mapfile -t sources < <(find Shared/Messages -name '*.swift' | sort)
swiftc "${flags[@]}" -wmo -emit-module -emit-module-path "$out/Messages.swiftmodule" -module-name Messages \
    -c "${sources[@]}" -o "$out/Messages.o"
swiftc "${flags[@]}" -module-name Fuzz Fuzz/MessagesFuzz.swift "$out/Messages.o" \
    -o "$out/fuzz-messages"
exec env SWIFT_BACKTRACE=enable=no "$out/fuzz-messages" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
    -max_len=4096 -artifact_prefix="$corpus/" "$@" "$corpus" Fuzz/Seeds
