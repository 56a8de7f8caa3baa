# Set up, run, test and measure. `make help` lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# The interpreter that makes the virtual environment, and where that lives.
PYTHON ?= python3
VENV ?= .venv
CARGO ?= cargo

VENV_PYTHON := $(abspath $(VENV))/bin/python
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
BINARY := $(TARGET)/release/tradewind
DEBUG := $(TARGET)/debug/tradewind
REQUIREMENTS := python/requirements.txt python/requirements-test.txt

export TRADEWIND_PYTHON ?= $(VENV_PYTHON)

# Tests wait more than they compute: more of them at once than there are cores.
CORES := $(shell nproc 2>/dev/null || echo 2)
AT_ONCE := $(shell echo $$(( $(CORES) + 2 < 8 ? $(CORES) + 2 : 8 )))

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: build $(VENV)/ready ## build, then start everything in one process (ARGS="--port 8081" for options)
	$(BINARY) standalone $(ARGS)

.PHONY: build
build: tools ui ## build the program as it is shipped, with the web UI in it
	$(CARGO) build --release --locked --package tradewind

.PHONY: ui
ui: ui/dist/index.html ## build the web UI, when its sources have changed

.PHONY: test
test: tools databases ui chromium $(VENV)/ready-for-tests ## run all tests
	$(MAKE) debug
	if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --locked --test-threads $$(( $(CORES) * 2 )); \
	else \
		$(CARGO) test --workspace --locked; \
	fi
	$(MAKE) --jobs=2 --output-sync=target test-python test-ui-units
	$(MAKE) test-system
	$(MAKE) test-browser

.PHONY: test-python
test-python:
	cd python && $(VENV_PYTHON) -m pytest -n $(CORES)

.PHONY: test-ui-units
test-ui-units:
	cd ui && npm test

.PHONY: test-faults
test-faults: databases $(VENV)/ready-for-tests debug ## the short fault runs: processes killed and stopped on private servers
	TRADEWIND_BINARY=$(DEBUG) $(VENV_PYTHON) -m pytest -q -n $(AT_ONCE) tests/faults

# With the features of the whole workspace, as its tests are built: what they have built is not built again.
.PHONY: debug
debug:
	$(CARGO) build --workspace --bins --tests --locked

.PHONY: test-system
test-system:
	TRADEWIND_BINARY=$(DEBUG) $(VENV_PYTHON) -m pytest -q -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder tests/system

.PHONY: test-browser
test-browser:
	cd ui && TRADEWIND_BINARY=$(DEBUG) npm run --silent test:browser

.PHONY: faults
faults: build databases $(VENV)/ready ## the long fault runs on private PostgreSQL and MariaDB (ARGS="--plan kills --db postgres --seed 1")
	$(VENV_PYTHON) tests/faults/run.py --binary $(BINARY) $(ARGS)

# The part of the whole-system tests that says most about a database; `make test-databases` runs all of them on each server.
.PHONY: test-servers
test-servers: databases $(VENV)/ready-for-tests debug ## the whole-system tests that say most about a database, on PostgreSQL and MariaDB
	$(call on-servers,tests/system/test_kill.py tests/system/test_shared_dags.py tests/system/test_remote_workers.py)

.PHONY: test-databases
test-databases: tools databases $(VENV)/ready-for-tests ## run all whole-system tests on PostgreSQL and on MariaDB
	$(MAKE) debug
	$(call on-servers,tests/system --deselect tests/system/test_databases.py --deselect tests/system/test_check.py)

define on-servers
for kind in postgres mariadb; do \
	echo "whole-system tests on $$kind"; \
	TRADEWIND_TEST_DB=$$kind TRADEWIND_BINARY=$(DEBUG) $(VENV_PYTHON) -m pytest -q -n $(AT_ONCE) --dist loadfile --no-loadscope-reorder $(1); \
done
endef

.PHONY: test-ui
test-ui: tools ui chromium $(VENV)/ready debug test-browser ## try the web UI in a real browser

.PHONY: measure-ui
measure-ui: build chromium $(VENV)/ready ## measure the web UI in a real browser: a year of runs, a log of 200 MB, 5,000 DAGs
	cd ui && TRADEWIND_BINARY=$(BINARY) npm run --silent measure

.PHONY: screenshots
screenshots: tools ui chromium $(VENV)/ready ## make the pictures of the README (ALL=folder: of every screen, theme and language)
	$(MAKE) debug
	cd ui && TRADEWIND_BINARY=$(DEBUG) $(if $(ALL),ALL=$(abspath $(ALL))) npm run --silent screenshots

.PHONY: check
check: tools ui/node_modules/.ready $(VENV)/ready-for-tests ## formats, lints, types, the rules of the house, licences
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) xtask tidy
	cd python && $(VENV_PYTHON) -m ruff check . ../bench ../crates/xtask/corpus ../examples ../tests/system ../tests/faults ../tests/compat ../tests/providers
	cd python && $(VENV_PYTHON) -m mypy airflow tradewind
	cd ui && npm run --silent check
	if $(CARGO) deny --version >/dev/null 2>&1; then \
		$(CARGO) deny check bans licenses sources; \
	else \
		echo "cargo-deny is not installed: licences are not checked"; \
	fi

.PHONY: bench
bench: build $(if $(DB),databases) $(VENV)/ready ## measure the promises on this machine (DB=postgres or DB=mariadb: on such a server)
	$(VENV_PYTHON) bench/run.py --binary $(BINARY) $(if $(DB),--db $(DB)) $(ARGS)

.PHONY: compat
compat: tools ## run Airflow's own example DAGs there and here, and compare the states of their tasks (downloads Airflow)
	$(PYTHON) tests/compat/compare.py --work $(TARGET)/compat $(ARGS)

.PHONY: providers
providers: tools databases headers $(TARGET)/providers/ready ## try provider packages from PyPI against local servers (downloads them)
	cd tests/providers && PYTHONPATH=$(abspath python) $(TARGET)/providers/bin/python -m pytest -q . $(ARGS)

# What the client of MySQL is built with.
.PHONY: headers
headers:
	@command -v mariadb_config >/dev/null && command -v pkg-config >/dev/null && command -v redis-server >/dev/null || { \
		if [[ $$(id -u) == 0 ]] && command -v apt-get >/dev/null; then \
			apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
				libmariadb-dev pkg-config gcc redis-server >/dev/null; \
		else \
			echo "Missing: apt-get install libmariadb-dev pkg-config gcc redis-server" >&2; exit 1; \
		fi; }

$(TARGET)/providers/ready: tests/providers/requirements.txt
	$(PYTHON) -m venv $(TARGET)/providers
	$(TARGET)/providers/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(TARGET)/providers/bin/uv pip install --quiet --python $(TARGET)/providers/bin/python --requirement tests/providers/requirements.txt
	touch $@

.PHONY: openapi
openapi: tools ui/node_modules/.ready ## write the OpenAPI document and the types made from it, after the API changed
	UPDATE=1 $(CARGO) test --package tradewind-server --test api -- openapi every_reason
	cd ui && npm run --silent types

.PHONY: clean
clean: ## remove what was built
	rm -rf $(TARGET) $(VENV) ui/node_modules
	find ui/dist -mindepth 1 ! -name .gitignore -delete
	find python bench examples tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: tools
tools:
	@command -v $(CARGO) >/dev/null || { \
		echo "Rust is missing. Install it with rustup (https://rustup.rs), then open a new shell." >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is missing. Install Python 3.10 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "$$($(PYTHON) --version) is too old. Python 3.10 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }

# A browser for the tests of the web UI. Where we may, it is installed.
export CHROMIUM ?= /usr/bin/chromium

# Servers that the tests start for themselves. RUNLEVEL keeps the packages from starting services of their own.
.PHONY: databases
databases:
	@missing=""; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	PATH="$$PATH:/usr/sbin"; \
	command -v mariadbd >/dev/null || missing="$$missing mariadb-server"; \
	command -v pgbouncer >/dev/null || missing="$$missing pgbouncer"; \
	command -v sshd >/dev/null && command -v ssh >/dev/null || missing="$$missing openssh-server openssh-client"; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
		else \
			echo "The tests need servers of their own: apt-get install$$missing" >&2; exit 1; \
		fi; \
	fi

.PHONY: chromium
chromium:
	@command -v $(CHROMIUM) >/dev/null || { \
		if [[ $$(id -u) == 0 ]] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk; \
		else \
			echo "$(CHROMIUM) is missing. Install Chromium (on Debian: apt install chromium fonts-noto-cjk), or name one: make CHROMIUM=/path" >&2; \
			exit 1; \
		fi; }

# The web UI. Its packages run no scripts of theirs when they are installed.
UI_SOURCES := $(shell find ui/src ui/public ui/scripts -type f 2>/dev/null) ui/index.html ui/vite.config.ts ui/tsconfig.json

.PHONY: node
node:
	@command -v node >/dev/null && command -v npm >/dev/null || { \
		echo "Node.js is missing. Install version 20.19 or newer (https://nodejs.org; on Debian: apt install nodejs npm)," >&2; \
		echo "or build without the web UI: cargo build --release --package tradewind" >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || { \
		echo "Node.js $$(node --version) is too old: version 20.19 or newer is needed" >&2; exit 1; }

ui/node_modules/.ready: ui/package.json ui/package-lock.json | node
	cd ui && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

ui/dist/index.html: ui/node_modules/.ready $(UI_SOURCES)
	cd ui && npm run --silent build

# The virtual environment is made again when the requirements change.
$(VENV)/ready: python/requirements.txt | tools
	$(PYTHON) -m venv $(VENV) || { \
		echo "The venv module of $(PYTHON) is missing (on Debian: apt install python3-venv)." >&2; exit 1; }
	$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement python/requirements.txt
	touch $@

$(VENV)/ready-for-tests: $(VENV)/ready $(REQUIREMENTS)
	$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement python/requirements-test.txt
	touch $@
