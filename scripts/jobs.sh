#!/bin/sh
# Prints how many compilers to run at once: one a core, and no more than one for 2 GiB of memory.
cores=$(nproc)
memory=$(awk '/^MemTotal:/ { print int($2 / 2097152) }' /proc/meminfo)
[ "$memory" -ge 1 ] || memory=1
[ "$cores" -le "$memory" ] && echo "$cores" || echo "$memory"
