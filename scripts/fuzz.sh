#!/usr/bin/env bash
# Builds the fuzz target with libFuzzer and runs it: scripts/fuzz.sh [SECONDS] [further flags of libFuzzer]
# The corpus is kept in var/fuzz/messages; a find is written there as crash-…; Fuzz/Seeds has the first inputs.
# SECONDS 0 runs until a flag ends it, for example: scripts/fuzz.sh 0 -runs=50000000
# FUZZ_TARGETS and FUZZ_CODEC choose decoders and a codec (Fuzz/MessagesFuzz.swift); FUZZ_CORPUS another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
out=${FUZZ_BUILD:-$PWD/.build/fuzz}
corpus=${FUZZ_CORPUS:-$PWD/var/fuzz/messages}
mkdir -p "$out/CKernels" "$corpus"
flags=(-O -g -swift-version 6 -package-name kuaibao -parse-as-library -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
    -I "$out" -I Shared/CZstd -I "$out/CKernels")
printf 'module CKernels { umbrella "%s" export * }\n' "$PWD/Shared/CKernels/include" > "$out/CKernels/module.modulemap"

# module NAME FOLDER [FLAG…]: one module on its own, so that its own rules of access hold.
module() {
    local name=$1 folder=$2 sources
    shift 2
    mapfile -t sources < <(find "$folder" -name '*.swift' | sort)
    swiftc "${flags[@]}" "$@" -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" \
        -c "${sources[@]}" -o "$out/$name.o"
}

# What decodes is watched by the fuzzer; the search core is here for its values, which travel in bodies.
module Messages Shared/Messages -sanitize=fuzzer
module Analysis Shared/Analysis
module Geography Shared/Geography
module SearchCore Shared/SearchCore
for source in Shared/CKernels/*.c; do clang -O2 -I Shared/CKernels/include -c "$source" -o "$out/$(basename "$source").o"; done
swiftc "${flags[@]}" -sanitize=fuzzer -module-name Fuzz Fuzz/MessagesFuzz.swift Services/Query/Service/WorkerMessages.swift \
    Shared/Ledger/PayloadCodec.swift Shared/Ledger/LedgerError.swift Shared/Ledger/LedgerLimits.swift \
    "$out"/*.o -lzstd -o "$out/fuzz-messages"
# Names of fields and cases, as MessagePack and as JSON write them: without them the fuzzer seldom finds a whole value.
python3 - > "$out/messages.dict" <<'PYTHON'
import pathlib, re
names = {"_0", "_1"}
for path in [*pathlib.Path("Shared/Messages").rglob("*.swift"), pathlib.Path("Services/Query/Service/WorkerMessages.swift")]:
    text = path.read_text(encoding="utf-8")
    names |= set(re.findall(r"^\s+(?:package )?(?:var|let) ([a-z][A-Za-z]+)", text, re.M))
    names |= set(re.findall(r"^\s+(?:indirect )?case ([a-z][A-Za-z]+)", text, re.M))
for name in sorted(name for name in names if len(name) < 32):
    print(f'"\\x{0xa0 | len(name):02x}{name}"')
    print(f'"\\"{name}\\":"')
PYTHON
exec env SWIFT_BACKTRACE=enable=no "$out/fuzz-messages" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
    -max_len=4096 -dict="$out/messages.dict" -print_final_stats=1 -artifact_prefix="$corpus/" "$@" "$corpus" Fuzz/Seeds
