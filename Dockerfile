# Kuaibao: all four programs in one image; the command says which one runs.
#
#   build  compiles with the toolchain's image; its folder .build outlives the build, so that a second one is quick
#   image  the toolchain's runtime, the C libraries without headers, the programs, a user without rights

ARG SWIFT_VERSION=6.3.1

FROM swift:${SWIFT_VERSION}-bookworm AS build
WORKDIR /src

# System libraries: a layer that changes only with the list.
COPY scripts/packages.txt scripts/deps.sh scripts/
RUN scripts/deps.sh build && rm -rf /var/lib/apt/lists/*

# Swift packages: fetched before the sources are here, so that a change of the sources fetches nothing.
COPY Package.swift ./
RUN --mount=type=cache,target=/src/.build,sharing=locked swift package resolve

COPY scripts scripts
COPY Shared Shared
COPY Services Services
COPY clients clients
COPY Tests Tests
# A benchmark is a target of the package, so its folder must be there.
COPY Benchmarks Benchmarks
ARG JOBS
RUN --mount=type=cache,target=/src/.build,sharing=locked <<'BUILD'
set -e
swift build --configuration release --disable-index-store --traits TLS --jobs "${JOBS:-$(scripts/jobs.sh)}"
mkdir -p /out/bin
for program in ingest index query kuaibao; do
    cp ".build/release/$program" /out/bin/
    strip "/out/bin/$program"
done
BUILD

FROM swift:${SWIFT_VERSION}-bookworm-slim AS image
COPY scripts/packages.txt scripts/deps.sh /tmp/scripts/
RUN apt-get -q update && /tmp/scripts/deps.sh image && rm -rf /var/lib/apt/lists/* /tmp/scripts

# The folders of the volumes belong to the user, and a new volume takes over the owner of its folder.
RUN groupadd --system --gid 10001 kuaibao \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin kuaibao \
    && install -d -o kuaibao -g kuaibao -m 0750 /data /data/ledger /data/segments \
    && install -d -o kuaibao -g kuaibao -m 0700 /keys /keys/ingest-gateway /keys/query-gateway \
        /keys/parse-worker /keys/index-worker /keys/query-worker

COPY --from=build /out/bin/ /usr/local/bin/
RUN kuaibao write-manual /usr/local/share/man/man1

ENV LANG=C.UTF-8 KUAIBAO_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
STOPSIGNAL SIGTERM
EXPOSE 8080
CMD ["kuaibao", "--help"]
LABEL org.opencontainers.image.title="Kuaibao" \
    org.opencontainers.image.description="Searchable items from public bulletins: ingest, index, query and console" \
    org.opencontainers.image.licenses="Apache-2.0"
