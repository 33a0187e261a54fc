# Pictogame. `make` alone prints help. Every target installs what it needs, from locked versions.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
NODE := scripts/with-node
JOBS ?= 2

RUNTIME_SOURCES := $(shell find runtime src/pictogame/studio/islands \
	\( -name node_modules -o -path runtime/dist \) -prune -o -type f -print 2>/dev/null)

.PHONY: help
help: ## Print this help
	@echo "Pictogame: your pictures become a small game that plays on any web page."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Ports: PICTOGAME_SITE_PORT (8000), PICTOGAME_BUCKET_PORT (9000). All variables: docs/settings.md"

# --- What the targets stand on -----------------------------------------------------------------------------------

.stamps/tools:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON=python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/tools.txt
	@mkdir -p .stamps && touch $@

.stamps/base: .stamps/tools requirements/base.txt pyproject.toml
	@echo "Installing Python packages …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/base.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.stamps/dev: .stamps/base requirements/dev.txt
	@echo "Installing the tools of the work …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/dev.txt
	@touch $@

.stamps/node: .stamps/tools requirements/node.txt
	@$(NODE) --fits || { echo "Installing Node.js …"; $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/node.txt && $(NODE) --adopt; }
	@touch $@

.stamps/npm: .stamps/node runtime/package.json runtime/package-lock.json
	@echo "Installing what the runtime is built with …"
	@cd runtime && ../$(NODE) npm ci --silent --no-audit --no-fund
	@touch $@

.stamps/runtime: .stamps/npm $(RUNTIME_SOURCES)
	@cd runtime && ../$(NODE) npm run --silent build
	@touch $@

.stamps/chromium: .stamps/dev
	@sh scripts/chromium
	@touch $@

# --- Use ---------------------------------------------------------------------------------------------------------

.PHONY: run
run: .stamps/base .stamps/runtime ## Start everything: studio, bucket, publisher; Ctrl-C stops it
	@exec $(BIN)/pictogame up

.PHONY: install
install: .stamps/base .stamps/runtime ## Install and build, and start nothing: for servers

.PHONY: runtime
runtime: .stamps/runtime ## Build the browser's part into runtime/dist

# --- Work --------------------------------------------------------------------------------------------------------

.PHONY: test
test: .stamps/dev .stamps/runtime .stamps/chromium ## Run the tests of every day: TypeScript, Python, a real browser
	@cd runtime && ../$(NODE) npm test --silent
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q -m "not servers"

.PHONY: test-servers
test-servers: .stamps/dev .stamps/runtime .stamps/chromium ## Run the long tests: PostgreSQL, Ceph, SeaweedFS, faults, hundreds of kills
	@sh scripts/machine
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q -m servers

.PHONY: check
check: lint types contracts budgets test ## Everything that must be green: lint, format, types, contracts, budgets, tests

.PHONY: lint
lint: .stamps/dev .stamps/npm ## Lint and format, without changing a file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@cd runtime && ../$(NODE) npx --no-install biome check --error-on-warnings . ../src/pictogame/studio/islands

.PHONY: types
types: .stamps/dev .stamps/npm ## Check types: mypy strict, tsc strict
	@$(BIN)/mypy
	@cd runtime && ../$(NODE) npm run --silent types

.PHONY: contracts
contracts: .stamps/dev ## Check that imports point down
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

.PHONY: budgets
budgets: .stamps/npm ## Build the runtime and hold it to its bytes
	@cd runtime && ../$(NODE) npm run --silent build
	@touch .stamps/runtime

.PHONY: format
format: .stamps/dev .stamps/npm ## Format every file
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@cd runtime && ../$(NODE) npm run --silent format

.PHONY: bench
bench: .stamps/dev .stamps/runtime .stamps/chromium ## Measure speed, bytes and memory; writes build/bench.json
	@$(BIN)/python -m bench

.PHONY: lock
lock: .stamps/tools ## Lock the newest versions that fit requirements/*.in
	@for set in tools node base dev; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --no-header requirements/$$set.in -o requirements/$$set.txt; \
	done

.PHONY: clean
clean: ## Remove what was built and installed; your data stays
	@rm -rf .venv .stamps runtime/node_modules runtime/dist build src/pictogame/studio/static/studio/islands
