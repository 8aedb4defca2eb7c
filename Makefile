# `make start` and `make test` are all that a fresh machine needs: each makes its own environment in .venv.
# They want Python 3.11 or newer; name another one with `make start PYTHON=/path/to/python3`.

VENV   := .venv
BIN    := $(VENV)/bin
DRILLS := .incidentctl
UV     ?= uv
# The first of these that runs and is new enough; empty where there is none.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: help start demo test lint format bench screenshots docs-check wheel pins clean

help:                        ## this list
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /:/' | awk -F: '{printf "make %-12s %s\n", $$1, $$2}'

start: $(VENV)/run.stamp     ## walk the example service `checkout` as a drill; without a terminal, by its answers file
	@mkdir -p -m 700 $(DRILLS)
	@if [ -t 0 ] && [ -t 1 ]; then \
		$(BIN)/incidentctl --store $(DRILLS)/drill.db start checkout --drill || \
			{ [ $$? -eq 130 ] && echo "Or: make start"; }; \
	else \
		rm -f $(DRILLS)/scripted.db*; \
		$(BIN)/incidentctl --store $(DRILLS)/scripted.db start checkout --drill --answers runbooks/answers/checkout.yaml; \
	fi

demo: $(VENV)/dev.stamp      ## break a small real service, and find out why (BREAK=deploy, database, provider, cache)
	@$(BIN)/python -m demo $(BREAK)

test: $(VENV)/dev.stamp      ## run the tests; what needs a tool that is not here is left out and named
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/dev.stamp      ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/dev.stamp    ## lay out the code, and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/dev.stamp     ## start-up, answers, a long history, lint, checks: as ratios
	@$(BIN)/python bench/startup.py
	@$(BIN)/python bench/answer.py
	@$(BIN)/python -m bench.history
	@$(BIN)/python bench/lint.py
	@$(BIN)/python bench/checks.py

screenshots: $(VENV)/dev.stamp  ## draw docs/images/*.svg from the running program; needs tmux
	@$(BIN)/python tools/screenshots.py

docs-check: $(VENV)/dev.stamp   ## the tests about the documents alone
	@$(BIN)/python -m pytest tests/house

wheel: $(VENV)/dev.stamp     ## build dist/*.whl
	@$(BIN)/python -m build --wheel --no-isolation

pins:                        ## write requirements/*.txt anew; needs uv
	$(UV) pip compile pyproject.toml --extra dev $(PIN) --output-file requirements/dev.txt
	$(UV) pip compile pyproject.toml $(PIN) --constraint requirements/dev.txt --output-file requirements/run.txt
	grep -oE 'hatchling[^"]*' pyproject.toml | head -n 1 | \
		$(UV) pip compile - $(PIN) --constraint requirements/dev.txt --output-file requirements/build.txt
PIN := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command 'make pins' --quiet --upgrade

clean:                       ## remove the environment, the drills and everything made
	rm -rf $(VENV) $(DRILLS) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# --- the environment; a stamp is newer than what it was made from, so a second call is quick ---------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "incidentctl needs Python 3.11 or newer, and none was found." >&2; \
		echo "Install one, or name it: make start PYTHON=/path/to/python3" >&2; exit 1; \
	fi
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { \
		echo "incidentctl needs Python 3.11 or newer; $(PYTHON) is not. Name another: make start PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making the environment in $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/run.stamp: pyproject.toml requirements/run.txt requirements/build.txt | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing what the tests need, once ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
