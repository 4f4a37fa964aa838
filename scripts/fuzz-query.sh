#!/usr/bin/env bash
# Fuzzes what clients of the HTTP API write, with libFuzzer: scripts/fuzz-query.sh [SECONDS] [further flags of libFuzzer]
# The corpus is kept in var/fuzz/query; a find is written there as crash-…; the examples of docs/query-language.md are the
# first inputs. SECONDS 0 runs until a flag ends it, for example: scripts/fuzz-query.sh 0 -runs=50000000. FUZZ_KEEP=1 does not
# build again. FUZZ_COMPARISONS=0 counts edges and does not trace comparisons: twice the executions, for a corpus that has grown.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
out=${FUZZ_BUILD:-$PWD/.build/fuzz-query}
corpus=$PWD/var/fuzz/query
mkdir -p "$out/CKernels" "$out/seeds" "$corpus"
flags=(-O -g -swift-version 6 -package-name kuaibao -parse-as-library -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
    -I "$out" -I Shared/CZstd -I Shared/CSodium -I "$out/CKernels")
printf 'module CKernels { umbrella "%s" export * }\n' "$PWD/Shared/CKernels/include" > "$out/CKernels/module.modulemap"

fuzzer=(-sanitize=fuzzer)
[ "${FUZZ_COMPARISONS:-1}" = 1 ] || fuzzer+=(-sanitize-coverage=edge,inline-8bit-counters,pc-table)

# module NAME FILE-OR-FLAG…: one module on its own, so that its own rules of access hold.
module() {
    local name=$1
    shift
    swiftc "${flags[@]}" -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" \
        -c "$@" -o "$out/$name.o"
}

sources() { find "$1" -name '*.swift' | sort; }
if [ "${FUZZ_KEEP:-}" != 1 ] || [ ! -x "$out/fuzz-query" ]; then
    yams=${YAMS:-$PWD/.build/checkouts/Yams}/Sources
    [ -d "$yams" ] || swift package resolve
    # Yams is not what is tested: no instrumentation.
    cc=$(dirname "$(command -v swiftc)")/clang
    for source in "$yams"/CYaml/src/*.c; do
        "$cc" -O2 -DYAML_DECLARE_STATIC=1 -I "$yams/CYaml/include" -c "$source" -o "$out/yaml-$(basename "$source" .c).o"
    done
    swiftc -O -swift-version 5 -parse-as-library -wmo -DSWIFT_PACKAGE -I "$yams/CYaml/include" -emit-module \
        -emit-module-path "$out/Yams.swiftmodule" -module-name Yams -c "$yams"/Yams/*.swift -o "$out/Yams.o"
    flags+=(-I "$yams/CYaml/include")
    for name in Messages Geography Analysis SearchCore Records Schemas; do
        mapfile -t files < <(sources "Shared/$name")
        # The analyser's inner loops are not what is looked for, and run for every text.
        [ "$name" = Analysis ] || files+=("${fuzzer[@]}")
        module "$name" "${files[@]}"
    done
    module ServiceKit "${fuzzer[@]}" Shared/ServiceKit/Access/*.swift Shared/ServiceKit/{ContentHash,SystemClock}.swift
    for source in Shared/CKernels/*.c; do
        "$cc" -O2 -I Shared/CKernels/include -c "$source" -o "$out/kernel-$(basename "$source" .c).o"
    done
    query=Services/Query/Service
    swiftc "${flags[@]}" "${fuzzer[@]}" -module-name Fuzz Fuzz/QueryFuzz.swift "$query/API/RequestBodies.swift" \
        "$query/Access/Principal.swift" "$query/Reading/SearchCursor.swift" "$query/Compression/ContentCoding.swift" \
        "$query/Watches/WatchBodies.swift" \
        "$out"/{Messages,Geography,Analysis,SearchCore,Records,Schemas,ServiceKit,Yams}.o "$out"/yaml-*.o "$out"/kernel-*.o \
        -lzstd -lsodium -o "$out/fuzz-query"
fi
# Each quoted example of the page in both readings; libFuzzer keeps what is new.
python3 - docs/query-language.md "$out/seeds" <<'PYTHON'
import pathlib, re, sys
examples = re.findall(r"`([^`]+)`", pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
for number, text in enumerate(examples):
    first = b"\x01" if text.startswith("{") else b"\x00"
    pathlib.Path(sys.argv[2], f"{number:03}").write_bytes(first + text.replace("\\|", "|").encode())
PYTHON
exec env SWIFT_BACKTRACE=enable=no "$out/fuzz-query" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=1024 -print_final_stats=1 -artifact_prefix="$corpus/" "$@" "$corpus" "$out/seeds"
