#!/usr/bin/env bash
# Builds the fuzz target of documents with libFuzzer and runs it, one format after the other or the given ones:
#     scripts/fuzz-documents.sh [SECONDS a format] [FORMAT…]
# Formats: see Fuzz/DocumentsFuzz.swift. The corpora are kept in var/fuzz/FORMAT; a find is written there as crash-…,
# timeout-… or oom-…; Fuzz/Documents has the first inputs. var/fuzz/counts has the executions of each run, a line each;
# FUZZ_CORPORA=DIR keeps them elsewhere.
# libFuzzer's schedule by entropy is off: it took a quarter of the time (perf), comparisons another quarter.
# FUZZ_TIMEOUT (default 5) and FUZZ_LENGTH (2048) bound the seconds and bytes of an input; FUZZ_BUILD=DIR keeps what is built elsewhere, FUZZ_KEEP=1 does not build again, YAMS=DIR names the package's sources.
# FUZZ_COMPARISONS=0 counts edges and does not trace comparisons: half as many executions again, for corpora that have grown.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/toolchain.sh
seconds=${1:-60}
shift || true
formats=("$@")
[ ${#formats[@]} -gt 0 ] || formats=(text markdown html front-matter json ndjson csv feed any encodings pdf-layout docx docx-body warc archive)
out=${FUZZ_BUILD:-$PWD/.build/fuzz}
yams=${YAMS:-$PWD/.build/checkouts/Yams}/Sources
program=$out/fuzz-documents
work=${FUZZ_CORPORA:-var/fuzz}
mkdir -p "$out" "$work"

# module NAME SOURCES…: an instrumented object and a module.
flags=(-O -g -swift-version 6 -package-name kuaibao -sanitize=fuzzer -parse-as-library -module-cache-path "$out/cache"
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -I "$out" -I Shared/CArchive)
[ "${FUZZ_COMPARISONS:-1}" = 1 ] || flags+=(-sanitize-coverage=edge,inline-8bit-counters,pc-table)
module() {
    local name=$1
    shift
    swiftc "${flags[@]}" -wmo -emit-module -emit-module-path "$out/$name.swiftmodule" -module-name "$name" -c "$@" -o "$out/$name.o"
}

if [ "${FUZZ_KEEP:-}" != 1 ] || [ ! -x "$program" ]; then
    [ -d "$yams" ] || swift package resolve
    # Yams is not what is tested: no instrumentation.
    cc=$(dirname "$(command -v swiftc)")/clang
    objects=()
    for source in "$yams"/CYaml/src/*.c; do
        object=$out/yaml-$(basename "$source" .c).o
        "$cc" -O2 -DYAML_DECLARE_STATIC=1 -I "$yams/CYaml/include" -c "$source" -o "$object"
        objects+=("$object")
    done
    swiftc -O -swift-version 5 -parse-as-library -wmo -DSWIFT_PACKAGE -I "$yams/CYaml/include" -module-cache-path "$out/cache" -emit-module \
        -emit-module-path "$out/Yams.swiftmodule" -module-name Yams -c "$yams"/Yams/*.swift -o "$out/Yams.o"
    flags+=(-I "$yams/CYaml/include")
    for name in Messages Archives Documents; do
        mapfile -t sources < <(find "Shared/$name" -name '*.swift' | sort)
        module "$name" "${sources[@]}"
    done
    swiftc "${flags[@]}" -module-name Fuzz Fuzz/DocumentsFuzz.swift "$out"/{Messages,Archives,Documents,Yams}.o "${objects[@]}" \
        -larchive -o "$program"
fi

failed=0
for format in "${formats[@]}"; do
    corpus=$work/$format
    mkdir -p "$corpus"
    seeds=()
    [ -d "Fuzz/Documents/$format" ] && seeds+=("Fuzz/Documents/$format")
    log=$work/$format.log
    FUZZ_FORMAT=$format SWIFT_BACKTRACE=enable=no "$program" -max_total_time="$seconds" -timeout="${FUZZ_TIMEOUT:-5}" -rss_limit_mb=1024 \
        -max_len="${FUZZ_LENGTH:-2048}" -dict=Fuzz/documents.dict -print_final_stats=1 -print_funcs=0 -reload=0 -entropic=0 -artifact_prefix="$corpus/" "$corpus" \
        ${seeds[@]+"${seeds[@]}"} >"$log" 2>&1 || { failed=1; echo "fuzz: a find in $corpus:"; grep -aE 'ERROR|Fatal|SUMMARY|Test unit' "$log" | head -5; }
    executions=$(grep -a 'stat::number_of_executed_units' "$log" | awk '{ print $2 }')
    echo "$format ${executions:-0}" | tee -a "$work/counts"
done
exit $failed
