# Every target sets itself up: on a fresh machine with Python 3.11+ and the package registries,
# `make demo` and `make test` are all that is needed.

PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8000
VERSION ?= 3.23
SALEOR_DIR ?= $(HOME)/saleor/$(VERSION)
export SERVE PORT SALEOR_DIR

.PHONY: help setup demo test test-saleor faults lint schema states bench messages clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.installed ## Create the virtual environment

$(VENV)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup ## Tell the whole story in the sandbox, then serve it (SERVE=0: only tell it)
	$(BIN)/python -m sandbox.demo

test: setup ## Run the tests that need no Saleor
	$(BIN)/python -m pytest -n 2 -q

test-saleor: ## Run the tests inside a real Saleor (SALEOR_DIR, default ~/saleor/VERSION)
	sh tests/saleor/run

lint: setup ## Style, types, imports, migrations, printed schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=sandbox.settings $(BIN)/python -m django makemigrations --check --dry-run saleor_support_plugin
	$(BIN)/python -m sandbox.print_schema --check
	DJANGO_SETTINGS_MODULE=sandbox.settings $(BIN)/python -m sandbox.draw_states --check

schema: setup ## Print saleor_support_plugin/graphql/schema.graphql anew
	$(BIN)/python -m sandbox.print_schema

states: setup ## Draw the states of returns into README.md anew
	DJANGO_SETTINGS_MODULE=sandbox.settings $(BIN)/python -m sandbox.draw_states

bench: ## Measure beside Saleor's own and Django's mails; see bench/README.md (ONLY, ROUNDS, SIZE)
	sh tests/saleor/run python -W ignore -m bench

faults: ## Kill workers, starve and restart servers, and count the mails (SIZE=0.1 for a tenth, SEED, ONLY)
	sh tests/saleor/run python -m tests.saleor.faults

messages: setup ## Compile the translations
	$(BIN)/pybabel compile --domain django --directory saleor_support_plugin/locale --statistics

clean: ## Remove what the targets made
	rm -rf $(VENV) .cache build dist demo-mails *.egg-info
