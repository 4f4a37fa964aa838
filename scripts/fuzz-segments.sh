#!/usr/bin/env bash
# Fuzzes the readers of segments, with libFuzzer: scripts/fuzz-segments.sh [SECONDS] [further flags of libFuzzer]
# The corpus is kept in var/fuzz/segments; a find is written there as crash-…; the first inputs are parts of a valid segment.
# SECONDS 0 runs until a flag ends it, for example: FUZZ_READERS=parts scripts/fuzz-segments.sh 0 -runs=50000000
# FUZZ_READERS=parts or whole leaves out the others, FUZZ_ADDRESS=1 adds the address sanitizer, FUZZ_KEEP=1 does not build again,
# FUZZ_CORPUS names another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
out=${FUZZ_BUILD:-$PWD/.build/fuzz-segments${FUZZ_ADDRESS:+-address}}
corpus=${FUZZ_CORPUS:-$PWD/var/fuzz/segments}
mkdir -p "$out/CKernels" "$out/seeds" "$corpus"
flags=(-O -g -swift-version 6 -package-name kuaibao -parse-as-library -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
    -I "$out" -I Shared/CZstd -I "$out/CKernels")
printf 'module CKernels { umbrella "%s" export * }\n' "$PWD/Shared/CKernels/include" > "$out/CKernels/module.modulemap"
# Edges are counted, comparisons are not traced: that takes half of the time, and formats of numbers gain little by it.
fuzzer=(-sanitize=fuzzer -sanitize-coverage=edge,inline-8bit-counters,pc-table)
kernels=()
[ -z "${FUZZ_ADDRESS:-}" ] || { fuzzer=(-sanitize=fuzzer,address "${fuzzer[1]}"); kernels=(-fsanitize=address); }

# module NAME FOLDER [FLAG…]: one module on its own, so that its own rules of access hold.
module() {
    local name=$1 folder=$2 sources
    shift 2
    mapfile -t sources < <(find "$folder" -name '*.swift' | sort)
    swiftc "${flags[@]}" "$@" -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" \
        -c "${sources[@]}" -o "$out/$name.o"
}

if [ "${FUZZ_KEEP:-}" != 1 ] || [ ! -x "$out/fuzz-readers" ]; then
    module Messages Shared/Messages
    module Analysis Shared/Analysis
    module Geography Shared/Geography
    # With its assertions: they find loads outside of what a reader was given.
    module SearchCore Shared/SearchCore "${fuzzer[@]}" -enable-testing -assert-config Debug
    cc=$(dirname "$(command -v swiftc)")/clang
    for source in Shared/CKernels/*.c; do
        "$cc" -O2 "${kernels[@]}" -I Shared/CKernels/include -c "$source" -o "$out/kernel-$(basename "$source" .c).o"
    done
    swiftc "${flags[@]}" "${fuzzer[@]}" -module-name Fuzz Fuzz/Segments/*.swift \
        "$out"/{Messages,Analysis,Geography,SearchCore}.o "$out"/kernel-*.o -lzstd -o "$out/fuzz-readers"
fi
exec env SWIFT_BACKTRACE=enable=no FUZZ_SEEDS="$out/seeds" ASAN_OPTIONS=detect_leaks=0 "$out/fuzz-readers" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=1024 -entropic=0 -print_final_stats=1 \
    -artifact_prefix="$corpus/" "$@" "$corpus" "$out/seeds"
