#!/usr/bin/env bash
# Builds the fuzz target of the segment readers with libFuzzer and runs it: scripts/fuzz-segments.sh [SECONDS] [flags of libFuzzer]
# The corpus is kept in var/fuzz/segments; a find is written there as crash-…. SECONDS 0 runs until a flag ends it:
# scripts/fuzz-segments.sh 0 -runs=50000000
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
out=${FUZZ_BUILD:-$PWD/.build/fuzz-segments}
corpus=$PWD/var/fuzz/segments
mkdir -p "$out/CKernels" "$corpus"
# Assertions stay on: in them every unchecked read checks its bounds.
flags=(-O -g -assert-config Debug -enable-testing -swift-version 6 -package-name kuaibao -parse-as-library
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -I "$out" -I Shared/CZstd -I "$out/CKernels")
printf 'module CKernels { umbrella "%s" export * }\n' "$PWD/Shared/CKernels/include" > "$out/CKernels/module.modulemap"

# module NAME FOLDER [FLAG…]: one module on its own, so that its own rules of access hold.
module() {
    local name=$1 folder=$2 sources
    shift 2
    mapfile -t sources < <(find "$folder" -name '*.swift' | sort)
    swiftc "${flags[@]}" "$@" -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" \
        -c "${sources[@]}" -o "$out/$name.o"
}

module Messages Shared/Messages
module Analysis Shared/Analysis
module SearchCore Shared/SearchCore -sanitize=fuzzer
for source in Shared/CKernels/*.c; do
    clang -O2 -g -I Shared/CKernels/include -c "$source" -o "$out/$(basename "$source").o"
done
swiftc "${flags[@]}" -sanitize=fuzzer -module-name Fuzz Fuzz/SegmentsFuzz.swift "$out"/*.o -lzstd -o "$out/fuzz-segments"
exec env SWIFT_BACKTRACE=enable=no "$out/fuzz-segments" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=4096 -print_final_stats=1 -artifact_prefix="$corpus/" "$@" "$corpus"
