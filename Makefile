# `make run` and `make test` are all the set-up there is; everything lands in this folder.

VENV ?= .venv
PORT ?= 5000
PYTHON := $(abspath $(VENV))/bin/python
UV := $(abspath $(VENV))/bin/uv
LOCKS := $(wildcard requirements/*.txt)

export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export UV_PYTHON_DOWNLOADS := never
export PYTEST_DEBUG_TEMPROOT ?= $(CURDIR)/.cache/pytest
INSTALL := $(UV) pip install --quiet --python $(PYTHON) --no-build-isolation
LOCKED := --require-hashes --requirements

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run lesson test test-code test-pages long services lint docs bench lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: export FLASK_DEBUG = 1
run: $(VENV)/.examples ## Open the quickstart at http://localhost:5000
	cd examples/quickstart && exec $(PYTHON) -m flask --app app run --port $(PORT)

lesson: export FLASK_RUN_PORT = $(PORT)
lesson: $(VENV)/.examples ## Open the application of the tutorial instead
	cd examples/lesson && $(PYTHON) -m flask --app lesson init-db
	cd examples/lesson && exec $(PYTHON) -m flask --app lesson run --port $(PORT)

test: test-code test-pages ## Run the whole suite; with --jobs=2 its halves run side by side

# The login floor must be covered to the last branch.
test-code: $(VENV)/.test
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	$(PYTHON) -m coverage run -m pytest -m "not browser and not long"
	$(PYTHON) -m coverage report --include='src/flask_porter/login/*' --fail-under=100

test-pages: $(VENV)/.test
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	$(PYTHON) -m pytest -m "browser and not long"

long: $(VENV)/.test ## Run what takes more than minutes: fuzzers, soaks, races
	@mkdir -p $(PYTEST_DEBUG_TEMPROOT)
	$(PYTHON) -m pytest -m long

services: ## Install Chromium, Redis, PostgreSQL and Node.js by apt where missing
	@.ci/services

lint: $(VENV)/.lint ## Style, types, and who may import whom
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m basedpyright
	$(VENV)/bin/lint-imports --no-cache

docs: $(VENV)/.docs ## Build the documentation; a warning fails it
	$(PYTHON) -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.test ## Measure every figure we claim
	$(PYTHON) -m bench
	$(PYTHON) -m bench.accounts

lock: $(VENV)/.base ## Lock requirements/*.in again (ARGS=--upgrade takes newer versions)
	requirements/lock $(UV) $(ARGS)

clean: ## Remove what make built
	rm -rf $(VENV) .cache docs/_build .coverage

# A changed lock makes a new environment, so nothing that was dropped stays behind.
$(VENV)/.base: requirements/build_venv $(LOCKS)
	@requirements/build_venv $(VENV)
	@touch $@

$(VENV)/.examples: $(VENV)/.base pyproject.toml
	@$(INSTALL) $(LOCKED) requirements/examples.txt
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.examples
	@$(INSTALL) $(LOCKED) requirements/test.txt
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@$(INSTALL) $(LOCKED) requirements/lint.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.examples
	@$(INSTALL) $(LOCKED) requirements/docs.txt
	@touch $@
