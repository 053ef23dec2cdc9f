# Sitewarden: `make run` and `make test` do all their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SECONDS ?= 20
# Two halves of the suite at once, each in a network namespace of its own; one after the other where there are none.
JOBS ?= $(shell unshare -rn true 2>/dev/null && echo 2 || echo 0)
STAMP := $(VENV)/.installed
CONSOLE := src/sitewarden/api/web/static/index.html
NPM := scripts/npm.sh
CONSOLE_SOURCES := $(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help install run test check bench fuzz soak docs console clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-9s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pictures,dev,console,controller]'
	@touch $@

install: $(STAMP) ## install everything into .venv

console/node_modules/.package-lock.json: console/package.json console/package-lock.json $(STAMP)
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CONSOLE): console/node_modules/.package-lock.json $(CONSOLE_SOURCES)
	$(NPM) run --silent build

console: $(CONSOLE) ## build the console

run: $(STAMP) $(CONSOLE) ## start the server with the demo site
	@exec $(BIN)/sitewarden demo $(ARGS)

test: $(STAMP) $(CONSOLE) ## every test; installs the system packages that they need
	@scripts/system-packages.sh
	@scripts/isolated.sh $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m 'not soak' $(ARGS)

check: $(STAMP) console/node_modules/.package-lock.json ## lint, types, import contracts, generated files fresh
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/generate.py --check
	$(NPM) run --silent check

docs: $(STAMP) ## write docs/generated and openapi.json anew
	$(BIN)/python scripts/generate.py

bench: $(STAMP) ## every figure that README quotes
	@scripts/isolated.sh $(BIN)/python -m bench $(ARGS)

fuzz: $(STAMP) ## fuzz every codec for SECONDS each (default 20)
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(ARGS)

soak: $(STAMP) $(CONSOLE) ## the long runs
	@scripts/system-packages.sh
	@scripts/isolated.sh $(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

clean: ## remove what was built, not the data
	rm -rf build dist console/dist src/sitewarden/api/web/static .mypy_cache .ruff_cache .pytest_cache
