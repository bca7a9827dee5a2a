# make demo   a sample portal, crawled into archive.db        make serve   Datasette on what was crawled
# make test   every test                                      make check   linters, types, import rules, docs
# make bench  what the benchmarks measure                     make lock    refresh the hashed locks
# make replay another program (pywb) replays a WARC of ours, seen in Chromium
# make torture every fault a crawl must survive: a table
# make scrapyd deploy to a Scrapyd of its own, and crawl the sample portal through it
.PHONY: demo serve test check bench replay torture scrapyd lock docs
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8002
BIN := .venv/bin
# uv is quick; where it cannot reach the registry (a proxy of its own kind), pip does the same slowly.
define install_locked
$(BIN)/uv pip install --quiet --system-certs --require-hashes --python $(BIN)/python -r $(1) \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
endef

demo: .venv/.run
	@$(BIN)/scrapy demo

serve: .venv/.run
	@$(BIN)/python -m crawler.serving "$(PORT)"
	@$(BIN)/datasette . --port $(PORT)

test: .venv/.dev
	@$(BIN)/python -m tests.browser_setup
	@$(BIN)/pytest -n 2 --dist loadfile  # a file stays in one process, and with it its portal

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_imports.py tests/test_docs.py
	$(BIN)/scrapy checkportals

docs: .venv/.run
	$(BIN)/python -m crawler.dictionary

lock: .venv/.uv
	$(BIN)/uv pip compile --quiet --system-certs --upgrade --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --system-certs --upgrade --generate-hashes --python-version 3.11 --no-header --extra dev \
		--constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

	$(BIN)/uv pip compile --quiet --system-certs --upgrade --generate-hashes --python-version 3.11 --no-header \
		benchmarks/requirements-peers.in --output-file benchmarks/requirements-peers.txt
	$(BIN)/uv pip compile --quiet --system-certs --upgrade --generate-hashes --python-version 3.11 --no-header \
		deploy/requirements-scrapyd.in pyproject.toml --output-file deploy/requirements-scrapyd.txt

scrapyd: .venv/.run
	@$(BIN)/python -m deploy.try_scrapyd

bench: .venv/.dev
	$(BIN)/python -m benchmarks.dates
	$(BIN)/python -m benchmarks.extraction
	$(BIN)/python -m benchmarks.extraction --sample 60
	$(BIN)/python -m benchmarks.ingest

replay: .venv/.dev
	$(BIN)/python -m benchmarks.replay

torture: .venv/.dev
	@$(BIN)/python -m tests.torture

.venv/.uv: requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		found=$$($(PYTHON) --version 2>&1) || found="not there"; \
		echo "Python 3.11 or later is needed, and $(PYTHON) is $$found." \
		"Name another: make $(or $(firstword $(MAKECMDGOALS)),demo) PYTHON=python3.12"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

.venv/.run: .venv/.uv requirements.txt pyproject.toml
	@echo "Installing what the archive needs …"
	@$(call install_locked,requirements.txt)
	@$(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@echo "Installing what the tests need …"
	@$(call install_locked,requirements-dev.txt)
	@touch $@
