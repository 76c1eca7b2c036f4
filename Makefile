# The verbs CI and people share. `make demo` and `make test` need git, make and Python 3.11+ alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# What is installed, to the byte: `make lock` renews it, and requirements/lowest.txt is another.
LOCK ?= requirements/dev.txt
LOCKER := build/lock
LOCKED := $(LOCKER)/$(notdir $(BIN))/python -m uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command 'make lock'
COMPILE := $(LOCKED) pyproject.toml
SERVER := tests/system/editors/node_modules/.package-lock.json
LINTER := tests/system/ci/node_modules/.package-lock.json
PEERS := build/peers
SITE := build/docs
# The tests start nicobatch a thousand times, and each start would compile it anew.
unexport PYTHONDONTWRITEBYTECODE
# Material tells of its successor at each build otherwise.
export NO_MKDOCS_2_WARNING := 1

.PHONY: demo test smoke lock editors peers docs pictures lint format messages dist bench bench-fleet fuzz soak clean

$(READY): pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nicobatch needs Python 3.11 or newer")'
	@echo 'Installing what is needed into $(VENV), once: this takes a minute or three.'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement $(LOCK)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	@echo 'Making videos to publish.'
	$(BIN)/python examples/make_samples.py
	$(BIN)/nicobatch publish examples/*.yaml --sandbox

# Many tests wait for processes and sockets: half as many again as there are cores keep these busy.
test: WORKERS ?= $(shell $(PYTHON) -c 'import os; print(-(-3 * (os.cpu_count() or 1) // 2))')
test: $(READY)
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal --cov --cov-report=term-missing:skip-covered

# The wheel, installed and used, on every other Python from 3.11 on that is here, and on the lowest
# versions of everything.
smoke: $(READY)
	$(BIN)/python -m tests.support.smoke

# The newest versions that pyproject.toml allows, for development, for use alone and for a fleet, and
# the lowest with the newest tools that take them; each for every Python and system that is supported.
# It needs nothing but PyPI: uv comes from there.
lock:
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	$(COMPILE) --extra dev --output-file requirements/dev.txt
	echo hatchling | $(COMPILE) - --extra sandbox --constraints requirements/dev.txt --output-file requirements/run.txt
	printf 'hatchling\npsycopg[binary]\n' | $(COMPILE) - --extra sandbox --extra fleet --extra s3 --constraints requirements/dev.txt --output-file requirements/fleet.txt
	$(COMPILE) --extra sandbox --extra keyring --extra browser --extra login --extra socks --extra tls --extra livetube --extra announce --extra fleet --extra s3 --resolution lowest-direct --output-file $(LOCKER)/lowest.txt
	$(COMPILE) --extra dev --constraints $(LOCKER)/lowest.txt --output-file requirements/lowest.txt
	$(LOCKED) --group docs --output-file requirements/docs.txt

# The language server that the tests of editors talk to, and the linter of workflow files; `make
# test` skips their tests where they are missing.
editors: $(SERVER) $(LINTER)

$(SERVER) $(LINTER): tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	cd tests/$* && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

# Clients of others that upload into the sandbox, and a store that speaks S3 (moto), apart from all
# else: tools of tests, some with a licence (GPL) that is not ours. `make test` skips the tests of
# those that are missing.
peers: $(PEERS)/.ready

$(PEERS)/.ready: Makefile
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check bilibili-api-python==17.4.2 'aiohttp>=3.10' 'moto[s3]==5.2.5' flask flask-cors
	npm install --prefix $(PEERS) --ignore-scripts --no-audit --no-fund @renmu/bili-api@2.15.0 || echo 'going on without the one from npm'
	touch $@

# The site, in build/site; every warning is an error. `make docs SERVE=1` shows it on this machine
# while its pages are written.
docs: $(READY) $(SITE)/.ready
	$(BIN)/python -m tests.support.docs
	$(SITE)/$(notdir $(BIN))/mkdocs $(if $(SERVE),serve,build --quiet)

# The site's pictures, in docs/pictures: what the commands and their pages look like by now. It needs
# Chromium, and fonts with Japanese and Chinese.
pictures: $(READY)
	$(BIN)/python -m tests.support.docs.pictures

$(SITE)/.ready: requirements/docs.txt
	$(PYTHON) -m venv $(SITE)
	$(SITE)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --requirement $<
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
	$(BIN)/python -m tests.support.language

# What a tag releases: its notes, and sdist and wheel, the one built from the other, in dist.
# `make dist TAG=v1.0.0`
dist: $(READY)
	rm -rf dist
	mkdir dist
	$(BIN)/python -m tests.support.release "$$TAG" > dist/NOTES.md
	$(BIN)/python -m tests.support.docs.man
	$(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/python -m twine check --strict dist/nicobatch-*

bench: $(READY)
	$(BIN)/python -m tests.support.benchmarks

# Ten thousand videos of a hundred accounts through a fleet whose workers are killed and suspended, in
# a real PostgreSQL; then its SQL at a million rows. FLEET='--videos 200 --accounts 10' is shorter.
bench-fleet: $(READY)
	$(BIN)/python -m tests.support.bench_fleet $(FLEET)

# Hostile manifests, tables, cookies, receipts and answers at random for some minutes; what breaks is
# told with how to make it again: FUZZ='--seed 1 --only 69 spreadsheets', or FUZZ='--seconds 3600'.
fuzz: $(READY)
	$(BIN)/python -m tests.support.fuzz $(FUZZ)

# A thousand videos through a watched folder, under faults and kills; takes half an hour or so.
soak: $(READY)
	$(BIN)/python -m tests.support.soak

clean:
	rm -rf $(VENV) build dist man docs/reference tests/system/*/node_modules .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
