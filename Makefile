# Kuaibao: install, run, test, deploy. `make` alone lists the targets.
# Settings: PORT=8080 (of the page) · DATA=var/kuaibao (where `make run` keeps its data) · JOBS=n (compilers at once)
# · TRAITS=TLS (HTTPS in the gateway)

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Usual places of a toolchain, after whatever is on the PATH already.
export PATH := $(PATH):/opt/swift/usr/bin:/usr/local/swift/usr/bin:$(HOME)/.local/share/swiftly/bin

PORT ?= $(or $(KUAIBAO_HTTP_PORT),8080)
DATA ?= var/kuaibao
JOBS ?= $(shell scripts/jobs.sh)
TRAITS ?=
export PORT DATA JOBS

# No index store: SwiftPM would put it where the executable `index` goes.
RELEASE := swift build --configuration release --disable-index-store --jobs $(JOBS) $(if $(TRAITS),--traits $(TRAITS))
SWIFT_FILES := Package.swift Services Shared Tests $(wildcard Benchmarks)

.PHONY: help run test build deps up down lint format bench page-test reliability fuzz sanitize conformance clean

help: ## list the targets · 列出所有命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install, build, start everything with the seeds, keep running · 安装、编译、启动并载入样例，Ctrl-C 停止
	@.build/release/kuaibao up --data-dir $(DATA) --http-port $(PORT) --seeds seeds --ask 复工复产

test: ## install, build and run all tests · 安装、编译并运行全部测试
	@scripts/test.sh

build: deps ## build the four programs (release) · 编译四个程序（发布版）
	@scripts/toolchain.sh
	@$(RELEASE)

deps: ## install the system packages that are missing (apt) · 安装缺少的系统软件包
	@scripts/deps.sh build

up: ## start everything in containers · 用容器启动全部服务
	@docker compose up --build --detach
	@docker compose ps

down: ## stop the containers, keep their data · 停止容器，保留数据
	@docker compose down

lint: ## check the format of the code · 检查代码格式
	@scripts/toolchain.sh
	@swift format lint --strict --parallel --recursive $(SWIFT_FILES)

format: ## correct the format of the code · 自动整理代码格式
	@scripts/toolchain.sh
	@swift format format --in-place --parallel --recursive $(SWIFT_FILES)

bench: build ## measure: from accepted to found, searches a second · 性能测试
	@scripts/bench.sh

reliability: build ## kill, fill, cut, flood: what docs/reliability.md promises · 可靠性试验
	@scripts/reliability.sh

fuzz: deps ## feed the decoders random bytes for a minute; SECONDS=… · 模糊测试
	@scripts/fuzz.sh $(or $(SECONDS),60)

sanitize: deps ## all tests under the thread and address sanitizers · 内存与线程检查
	@scripts/sanitize.sh

conformance: build ## try the HTTP API against its OpenAPI document (schemathesis, PyPI) · 用 OpenAPI 文档核对接口
	@scripts/conformance.sh

page-test: build ## test the web page in Chromium, keep pictures · 在 Chromium 中测试网页
	@scripts/page-test.sh

clean: ## delete what was built, not the data · 删除编译结果，不动数据
	@rm -rf .build
