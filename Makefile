# Obelus. `make help` lists the targets; each describes itself after its ##.
# Paths are relative, so that a checkout may lie in a folder with spaces in its name.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Which interpreter makes the virtual environment: 3.11 or newer.
PYTHON ?= $(shell command -v python3.11 || echo python3)
# Where torch, and only torch, comes from: the address of a package index. Empty: the index this machine's pip uses.
TORCH_INDEX ?=
TORCH := torch==2.13.0
VAR ?= var
# 0 lets the system choose a free port.
PORT ?= 8000

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
EMBEDDED := $(PY) -m governance.embedded
# What reads the settings without a server keeps its keys out of $(VAR).
BARE := OBELUS_ENV=test OBELUS_VAR=build/bare DATABASE_URL= DATABASE_OWNER_URL= REDIS_URL=
TYPED := platform workers unlearning/accounting demo

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "Settings: PYTHON=  TORCH_INDEX=  VAR=$(VAR)  PORT=$(PORT)  PROCESSES=$(PROCESSES)  (make NAME SETTING=value)"

# --- installation ----------------------------------------------------------------------------------------------------
# Three stamps, so that what has not changed is not looked at again and the network is left alone.

.PHONY: setup
setup: .venv/.ready ## make .venv and install the pinned requirements; again: nothing to do
	@:

.venv/.made: requirements/venv.sh
	@sh requirements/venv.sh "$(PYTHON)" .venv
	@touch $@

# torch first and alone: what the lock holds asks for it, and would else bring another build of it from another index.
# The lock after it brings what torch needs.
.venv/.locked: .venv/.made requirements/dev.lock
	$(PIP) install --quiet --no-deps $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") $(TORCH)
	$(PIP) install --quiet --requirement requirements/dev.lock
	@touch $@

.venv/.ready: .venv/.locked pyproject.toml
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: lock
lock: ## resolve requirements/*.lock anew, for every platform (needs uv)
	uv pip compile --quiet --override requirements/overrides.txt --universal --python-version 3.11 --no-header --no-annotate requirements/base.in -o requirements/base.lock
	uv pip compile --quiet --override requirements/overrides.txt --universal --python-version 3.11 --no-header --no-annotate requirements/dev.in -o requirements/dev.lock
	uv pip compile --quiet --override requirements/overrides.txt --universal --python-version 3.11 --no-header --no-annotate -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock

.PHONY: setup-bench
setup-bench: setup ## what the comparisons under benchmarks/ need beside (opacus, matplotlib)
	$(PIP) install --quiet --requirement requirements/bench.lock
	$(PIP) install --quiet --no-deps opacus==1.5.4

# --- tests -----------------------------------------------------------------------------------------------------------

.PHONY: test
test: setup ## all checks beside the suite but for its slow tests
	@$(MAKE) --no-print-directory -j2 suite lint layers types migrations

# Most of the suite waits for servers and children: in two processes, each with servers of its own, it takes little more
# than half the time. A file stays in one process, for what its tests share. Given servers cannot be shared: one process.
PROCESSES ?= $(if $(DATABASE_URL),0,2)

.PHONY: suite
suite: setup ## the suite alone, but for its slow tests
	@$(PY) -m pytest --numprocesses $(PROCESSES) --dist loadfile --durations=12

.PHONY: test-slow
test-slow: setup ## the slow tests: long drills, statistical claims, many seeds
	@$(PY) -m pytest -m slow --timeout=3600 --durations=12

.PHONY: lint
lint: setup ## style and formatting (ruff)
	@$(PY) -m ruff check --quiet . && $(PY) -m ruff format --quiet --check . && echo "lint: clean"

.PHONY: layers
layers: setup ## which layer may import which (import-linter)
	@said=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }; echo "$$said" | tail -n 1

.PHONY: types
types: setup ## strict types (mypy)
	@$(BARE) $(PY) -m mypy $(TYPED)

.PHONY: migrations
migrations: setup ## that every model has its migration
	@$(BARE) $(PY) manage.py makemigrations --check --dry-run

# --- running ---------------------------------------------------------------------------------------------------------

.PHONY: up
up: setup ## serve console, API, worker and tick on PORT until Ctrl-C
	@exec $(EMBEDDED) --var "$(VAR)" -- $(PY) manage.py up --port $(PORT)

# A house of its own, made anew each time; never the outside servers that DATABASE_URL may name.
DEMO := build/demo
.PHONY: demo
demo: setup ## one erasure on real data, told from request to verified evidence (about three minutes)
	@mkdir -p $(DEMO) && { flock --nonblock $(DEMO)/supervisor.lock rm -rf $(DEMO) || { echo "make demo: another telling is under way" >&2; exit 1; }; }
	@env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL -u OBELUS_ENV $(EMBEDDED) --var $(DEMO) -- $(PY) -m demo

# A house of its own too. DATA=PATH reads authors in TOFU's format, a file or its folder, and takes longer.
DEMO_LANGUAGE := build/demo-language
.PHONY: demo-language
demo-language: setup ## one author erased from a small language model, then ten more (under five minutes; DATA=PATH)
	@mkdir -p $(DEMO_LANGUAGE) && { flock --nonblock $(DEMO_LANGUAGE)/supervisor.lock rm -rf $(DEMO_LANGUAGE) || { echo "make demo-language: another telling is under way" >&2; exit 1; }; }
	@env -u DATABASE_URL -u DATABASE_OWNER_URL -u REDIS_URL -u OBELUS_ENV $(EMBEDDED) --var $(DEMO_LANGUAGE) -- $(PY) -m demo.language $(if $(DATA),--data "$(DATA)")

.PHONY: doctor
doctor: setup ## what is stuck, on whom it waits, and the command to run (while `make up` serves)
	@OBELUS_VAR="$(VAR)" $(PY) manage.py doctor

.PHONY: fsck
fsck: setup ## rebuild the log from its leaves and look for unreferenced objects (while `make up` serves)
	@OBELUS_VAR="$(VAR)" $(PY) manage.py fsck --secrets

.PHONY: verifier
verifier: setup ## the offline verifier as one file: build/obelus-verifier.pyz
	@mkdir -p build && $(PY) -m evidence.onefile build/obelus-verifier.pyz

.PHONY: clean
clean: ## remove the virtual environment, caches and builds; what lies in var stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
