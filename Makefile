# The verbs CI and people share. `make demo` and `make test` need git, make and Python 3.11+ alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
SERVER := tests/editors/node_modules/.package-lock.json
LINTER := tests/ci/node_modules/.package-lock.json

.PHONY: demo test editors lint format messages bench soak clean

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nicobatch needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

demo: $(READY)
	$(BIN)/python examples/make_samples.py
	$(BIN)/nicobatch publish examples/*.yaml --sandbox

test: $(READY)
	$(BIN)/coverage erase
	$(BIN)/python -m pytest --numprocesses=auto --cov --cov-report=

	$(BIN)/coverage report

# The language server that the tests of editors talk to, and the linter of workflow files; `make
# test` skips their tests where they are missing.
editors: $(SERVER) $(LINTER)

$(SERVER) $(LINTER): tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	cd tests/$* && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# After a change of what people are told: extracts, updates and compiles the translations.
messages: $(READY)
	$(BIN)/python -m tests.language

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

# A thousand videos through a watched folder, under faults and kills; takes half an hour or so.
soak: $(READY)
	$(BIN)/python -m tests.soak

clean:
	rm -rf $(VENV) build dist tests/*/node_modules .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
