#!/usr/bin/env bash
# Builds the fuzz targets and runs them over the seeds: SECONDS_EACH=60 CORPUS=.build/fuzz-corpus scripts/fuzz-documents.sh
# Finds are written to Fuzz/FailCases; each becomes a test. Needs clang's runtime: apt-get install libclang-rt-14-dev,
# where the toolchain does not bring its own.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}
corpus=${CORPUS:-.build/fuzz-corpus}
mkdir -p "$corpus" Fuzz/FailCases

# One copy of every seed for each format: the first byte of an input chooses it (names in Fuzz/Sources/FuzzDocuments).
python3 - "$corpus" <<'PYTHON'
import pathlib, sys
target = pathlib.Path(sys.argv[1])
for number, seed in enumerate(sorted(pathlib.Path("seeds").glob("*.txt")) + sorted(pathlib.Path("Fuzz/Corpus").glob("*"))):
    for choice in range(11):
        (target / f"seed-{number}-{choice}").write_bytes(bytes([choice]) + seed.read_bytes()[:4000])
PYTHON

swift build --package-path Fuzz --scratch-path .build/fuzz --configuration release --jobs "${JOBS:-2}"
# UTF-8 of Chinese needs longer inputs than libFuzzer begins with.
exec .build/fuzz/release/FuzzDocuments "$corpus" -max_total_time="$seconds" -max_len=8192 -len_control=0 \
    -timeout=5 -rss_limit_mb=1024 -artifact_prefix=Fuzz/FailCases/ -print_final_stats=1
