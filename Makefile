# Every target does its own set-up. Needs only Python 3.11+ with venv, and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input -c constraints.txt
UP ?=
PYTEST ?=

.PHONY: help up test whole quick check bench chaos day training browser screenshots model clean

help: ## What there is to do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

up: .make/run ## Start Amends on this machine and print where to open it (UP="--port 8080")
	@exec $(BIN)/amends up $(UP)

test: .make/test ## The tests, on real SQLite, PostgreSQL and Valkey
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not (browser or slow or chaos or day or torch)" $(PYTEST)

whole: .make/test ## Everything at once: whole installations that are killed and come back, the pages in Chromium
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "browser or slow" $(PYTEST)

quick: .make/test ## The tests that need no server: seconds
	@$(BIN)/python -m pytest -n 2 -q tests/monitor/domain tests/responders/bar tests/responders/drafters tests/monitor/sources

check: .make/test ## Lint, types, layers, sizes
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python -m pytest -q tests/test_budgets.py

chaos: .make/test ## Kill processes at random moments during import and approval, 20 times
	@$(BIN)/python -m pytest -m chaos tests/chaos $(PYTEST)

training: .make/train ## Training and PyTorch models, on a tiny encoder (installs PyTorch)
	@$(BIN)/python -m pytest -m torch tests/training $(PYTEST)

day: .make/test ## A day on six simulated platforms, with everything that goes wrong there
	@$(BIN)/python -m pytest -n 2 -m day tests/platforms $(PYTEST)

browser: .make/test ## The pages in a real Chromium
	@$(BIN)/python -m pytest -m browser tests/browser $(PYTEST)

screenshots: .make/test ## Draw docs/screenshots anew
	@$(BIN)/python -m tests.browser.screenshots

bench: .make/test ## Measure, and write docs/benchmarks.md (AMENDS_BENCH_DATA=DIR for labelled posts)
	@$(BIN)/python -m tests.bench

model: .make/train ## Train the judge anew into build/judge/model (DATA=DIR BASE=DIR, hours on two cores)
	@$(BIN)/amends train --data $(DATA) --base $(BASE) --out build/judge

clean: ## Remove the virtual environment and what was built
	rm -rf $(VENV) .make build *.egg-info

$(BIN)/python:
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Amends needs Python 3.11 or newer; this is $$($(PYTHON) -V). Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv here. On Debian: apt-get install python3-venv"; exit 1; }

# Built and installed once; a change in what is needed installs again.
.make/run: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what Amends stands on (a minute or two the first time)"
	@$(PIP) -q --progress-bar on -e .
	@mkdir -p .make && touch $@

.make/test: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what Amends and its tests stand on (a minute or two the first time)"
	@$(PIP) -q --progress-bar on -e '.[test,check]'
	@mkdir -p .make && touch $@ .make/run

.make/train: .make/test
	@$(PIP) -q -e '.[train]'
	@touch $@
