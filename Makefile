# The verbs of this project. `make` alone lists them; the first one that needs it builds .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := articles warehouse spiders flows newsroom

.DEFAULT_GOAL := help
.PHONY: help setup demo nightly check test format lock clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | while IFS="$$(printf '\t')" read -r verb text; do printf '  make %-10s %s\n' "$$verb" "$$text"; done

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"nightwire needs Python 3.11 to 3.13, this is {v[0]}.{v[1]}: run make PYTHON=python3.12, say")'
	@echo "setting up $(VENV) (once; takes a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

setup: $(READY) ## build .venv with every dependency locked by hash

demo: $(READY) ## two nights against the sample web, then what came in and four questions
	@$(BIN)/nightwire demo

nightly: $(READY) ## tonight's run over the live sources, into lake/
	@$(BIN)/nightwire nightly

check: $(READY) ## ruff, pyrefly, import-linter, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyrefly check --summarize-errors
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --disable-progress-bar warehouse/sql

test: $(READY) ## every test; no network needed
	@$(BIN)/python -m pytest

format: $(READY) ## put the code into one shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## resolve the dependencies anew (needs uv on the PATH)
	uv pip compile --universal --generate-hashes --python-version 3.11 --extra dev --no-header --no-annotate --upgrade pyproject.toml -o requirements.lock

clean: ## remove what was built, never a lake
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
