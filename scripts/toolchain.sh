#!/usr/bin/env bash
# Ends with a clear message unless a Swift 6.2 or newer is on the PATH.
set -euo pipefail
help="get Swift 6.3 from https://www.swift.org/install/linux and put its usr/bin on the PATH"
command -v swift >/dev/null || { echo "toolchain: no swift on the PATH; $help" >&2; exit 1; }
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
oldest=$(printf '%s\n6.2\n' "${version:-0}" | sort -V | head -n 1)
[ "$oldest" = 6.2 ] || { echo "toolchain: swift ${version:-of unknown version} is too old; $help" >&2; exit 1; }
