# make run, make test … : each sets up what it needs, inside this folder only (.venv and .cache).
# Needs Python 3.11 or later; another one than python3: make run PYTHON=python3.12
# More options for run.py: make run ARGS="--people 100000 --lang fr"

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
PY := $(BIN)/python
PIP := $(PY) -m pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes

export XDG_CACHE_HOME := $(CURDIR)/.cache
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export NUMBA_CACHE_DIR := $(CURDIR)/.cache/numba
# pytest in a temporary folder of its own, gone when it ends
PYTEST := folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && PYTEST_DEBUG_TEMPROOT="$$folder" $(PY) -m pytest

.PHONY: help run test check bench results peers lock clean

help:  ## list what can be made
	@sed -n "s/^\([a-z]*\):.*## /  make \1\t/p" Makefile

run: $(READY)  ## compare the scenarios
	$(PY) run.py compare $(ARGS)

test: $(READY)  ## run the tests, but for the making again of the base case
	@$(PYTEST) -m "not slow" $(ARGS)

check: $(READY)  ## format, lint, types, the table of rules, the rules without compilation, the base case made again
	$(PY) -m ruff format --check
	$(PY) -m ruff check
	$(PY) -m mypy
	$(PY) -m tests.check_rules
	@export NUMBA_DISABLE_JIT=1 && $(PYTEST) -m nojit
	@$(PYTEST) -m slow

bench: $(READY)  ## time the model, alone and beside other engines (make peers installs them)
	$(PY) run.py bench $(ARGS)

results: $(READY)  ## remake results/base_case
	$(PY) run.py compare --people 100000 --out results/base_case --lang both $(ARGS)

peers: $(READY)  ## install the other engines of the bench
	$(PIP) -r tests/benchmarks/requirements.txt

$(READY): requirements.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or later is needed: make PYTHON=python3.12 (or another that you have)"; exit 1; }
	@$(PY) -c "" 2> /dev/null || $(PYTHON) -m venv --clear .venv
	$(PIP) -r requirements.txt
	@touch $(READY)

# The lock holds for Linux, macOS and Windows. Newer versions: make lock UPGRADE=--upgrade
LOCK = .cache/lock/bin/uv pip compile pyproject.toml $(UPGRADE) --quiet --no-cache --universal \
  --python-version 3.11 --fork-strategy fewest --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock:  ## pin every dependency again, from pyproject.toml
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv
	$(LOCK) --extra dev --output-file requirements.txt
	$(LOCK) --extra peers --constraint requirements.txt --output-file tests/benchmarks/requirements.txt

clean:  ## remove what was installed and kept; results stay
	rm -rf .venv .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
