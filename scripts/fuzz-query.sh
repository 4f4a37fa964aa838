#!/usr/bin/env bash
# Fuzzes what clients of the HTTP API write, with libFuzzer: scripts/fuzz-query.sh [SECONDS] [further flags of libFuzzer]
# The corpus is kept in var/fuzz/query; a find is written there as crash-…; the examples of docs/query-language.md are the
# first inputs. SECONDS 0 runs until a flag ends it, for example: scripts/fuzz-query.sh 0 -runs=50000000
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

# module NAME FLAGS FILE…: one module on its own, so that its own rules of access hold.
module() {
    local name=$1 more=$2
    shift 2
    swiftc "${flags[@]}" $more -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" \
        -c "$@" -o "$out/$name.o"
}

mapfile -t messages < <(find Shared/Messages -name '*.swift' | sort)
mapfile -t analysis < <(find Shared/Analysis -name '*.swift' | sort)
mapfile -t core < <(find Shared/SearchCore -name '*.swift' | sort)
module Messages -sanitize=fuzzer "${messages[@]}"
module Analysis "" "${analysis[@]}"
module SearchCore -sanitize=fuzzer "${core[@]}"
module ServiceKit -sanitize=fuzzer Shared/ServiceKit/Access/*.swift Shared/ServiceKit/ContentHash.swift
for source in Shared/CKernels/*.c; do clang -O2 -I Shared/CKernels/include -c "$source" -o "$out/$(basename "$source").o"; done
query=Services/Query/Service
swiftc "${flags[@]}" -sanitize=fuzzer -module-name Fuzz Fuzz/QueryFuzz.swift "$query/API/RequestBodies.swift" \
    "$query/Access/Principal.swift" "$query/Reading/SearchCursor.swift" "$query/Compression/ContentCoding.swift" \
    "$out"/*.o -lzstd -lsodium -o "$out/fuzz-query"
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
