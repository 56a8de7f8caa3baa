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
REQUIREMENTS := python/requirements.txt python/requirements-test.txt

export TRADEWIND_PYTHON ?= $(VENV_PYTHON)

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: build $(VENV)/ready ## build, then start everything in one process (ARGS="--port 8081" for options)
	$(BINARY) standalone $(ARGS)

.PHONY: build
build: tools ## build the program as it is shipped
	$(CARGO) build --release --locked --package tradewind

.PHONY: test
test: tools $(VENV)/ready-for-tests ## run all tests
	if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --locked; \
	else \
		$(CARGO) test --workspace --locked; \
	fi
	cd python && $(VENV_PYTHON) -m pytest
	$(CARGO) build --package tradewind --locked
	TRADEWIND_BINARY=$(TARGET)/debug/tradewind $(VENV_PYTHON) -m pytest -q tests/system

.PHONY: check
check: tools $(VENV)/ready-for-tests ## formats, lints, types, the rules of the house, licences
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) xtask tidy
	cd python && $(VENV_PYTHON) -m ruff check . ../bench ../examples ../tests/system
	cd python && $(VENV_PYTHON) -m mypy airflow tradewind
	if $(CARGO) deny --version >/dev/null 2>&1; then \
		$(CARGO) deny check bans licenses sources; \
	else \
		echo "cargo-deny is not installed: licences are not checked"; \
	fi

.PHONY: bench
bench: build $(VENV)/ready ## measure the promises on this machine
	$(VENV_PYTHON) bench/run.py --binary $(BINARY) $(ARGS)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(TARGET) $(VENV)
	find python bench examples tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: tools
tools:
	@command -v $(CARGO) >/dev/null || { \
		echo "Rust is missing. Install it with rustup (https://rustup.rs), then open a new shell." >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is missing. Install Python 3.10 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "$$($(PYTHON) --version) is too old. Python 3.10 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }

# The virtual environment is made again when the requirements change.
$(VENV)/ready: python/requirements.txt | tools
	$(PYTHON) -m venv $(VENV) || { \
		echo "The venv module of $(PYTHON) is missing (on Debian: apt install python3-venv)." >&2; exit 1; }
	$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement python/requirements.txt
	touch $@

$(VENV)/ready-for-tests: $(VENV)/ready $(REQUIREMENTS)
	$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement python/requirements-test.txt
	touch $@
