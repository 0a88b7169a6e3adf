# One environment, .venv, filled from the pinned requirements. `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all: -r
INSTALL_SELF := $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)

.PHONY: help demo test check docs bench simulate soak fuzz train-motion deploy-tools lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: .venv/.demo ## Install what is pinned and render the demo portrait to out/demo.mp4
	@$(BIN)/lipwright demo --output out/demo.mp4

test: .venv/.dev ## Install what the tests need and run them all
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile --durations 25

check: .venv/.dev ## Lint, format, types, layers of imports, generated pages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/reference.py --check

docs: .venv/.dev ## Write the generated pages again
	$(BIN)/python tools/reference.py

bench: .venv/.dev ## Measure what is promised in benchmarks/
	$(BIN)/python -m benchmarks

simulate: .venv/.dev ## Let 500 random schedules of misfortune befall the job service (hours)
	LIPWRIGHT_TEST_AWAY_S=30 $(BIN)/pytest tests/faults/test_database_away.py
	$(BIN)/python -m tests.simulation --schedules 500

soak: .venv/.dev ## Watch the job service for eight hours: memory and file handles stay flat
	$(BIN)/python -m benchmarks.soak --hours 8

fuzz: .venv/.dev ## Ask the whole API for what nobody should, at length
	LIPWRIGHT_TEST_EXAMPLES=300 $(BIN)/pytest tests/api/test_openapi.py

train-motion: .venv/.dev ## Train the network from sound to mouth again, in build/ (an hour)
	@training/sound_to_mouth/run.sh $(BIN)/python build/sound_to_mouth

deploy-tools: .venv/.uv ## Install what judges the files in deploy/, in build/deploy-tools
	@deploy/tools.sh

lock: .venv/.uv ## Pin all packages again; UPGRADE=--upgrade takes newer ones
	$(LOCK) pyproject.toml --extra demo --extra dev --group build --output-file requirements-dev.txt
	$(LOCK) pyproject.toml --extra demo --group build --constraints requirements-dev.txt --output-file requirements-demo.txt
	$(LOCK) pyproject.toml --constraints requirements-dev.txt --output-file requirements.txt
	$(LOCK) --group uv --output-file requirements-uv.txt
	$(LOCK) deploy/requirements-tools.in --python-version 3.11 --output-file deploy/requirements-tools.txt
	$(LOCK) deploy/requirements-cuda.in --python-version 3.11 --output-file deploy/requirements-cuda.txt

clean: ## Remove what was made, the environment included
	rm -rf .venv out build dist

# A target's file under .venv says that the pins of that target are installed.
.venv/.uv: requirements-uv.txt
	@if ! '$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "error: Lipwright needs Python 3.11 or later; name it with PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@test -x $(BIN)/python || '$(PYTHON)' -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

.venv/.demo: .venv/.uv requirements-demo.txt pyproject.toml
	@echo "installing the pinned packages ..."
	@$(INSTALL) requirements-demo.txt
	@$(INSTALL_SELF)
	@touch $@

.venv/.dev: .venv/.uv requirements-dev.txt pyproject.toml
	@echo "installing the pinned packages, tools and tests included ..."
	@$(INSTALL) requirements-dev.txt
	@$(INSTALL_SELF)
	@touch $@ .venv/.demo
