# Every target makes the environment it needs; all it takes is Python 3.11 or newer, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Every Python that is supported.
VERSIONS := 3.11 3.12 3.13 3.14

# Where the Python of a version is: on the path, or among those of pyenv. Empty if it is not installed.
find_python = $(shell for python in python$(1) $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$(1).*/bin/python$(1); \
	do "$$python" -c "" 2>/dev/null && echo "$$python" && break; done)

.PHONY: demo test test-all lint types unit $(VERSIONS:%=unit-%) downstream downstream-all bench bench-keep bench-check scale dead-ends journeys fuzz threads conformance conformance-record rules-page docs page-speed clean
.SECONDARY:

# The project, and what its tests and examples need, in an environment of its own.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group tests --group bench
	touch $@

# The same with the Python of a version.
$(VENV)-%/.installed: pyproject.toml
	$(call find_python,$*) -m venv $(VENV)-$*
	$(VENV)-$*/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-$*/bin/python -m pip install --quiet --editable ".[all]" --group tests
	touch $@

# Only what the examples need.
$(VENV)/.demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[trio]" --group examples
	touch $@

demo: $(VENV)/.demo
	$(BIN)/python -m pytest examples

test: lint types unit

# Every test on every driver, on every supported Python that is installed here.
test-all: lint types $(VERSIONS:%=unit-%)
	@echo "Tested on Python: $(strip $(foreach version,$(VERSIONS),$(if $(call find_python,$(version)),$(version))))."
	@echo "Not installed, and skipped: $(strip $(foreach version,$(VERSIONS),$(if $(call find_python,$(version)),,$(version))))."

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Both checkers, for the oldest and the newest Python, and for the systems this machine is not.
types: $(VENV)/.installed
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.14
	$(BIN)/mypy --platform win32
	$(BIN)/mypy --platform darwin
	$(BIN)/pyright --pythonpath $(BIN)/python

# The second run: what of a request is ours and what is httpx's, on the library of an older Starlette.
unit: $(VENV)/.installed
	$(BIN)/python -W error -m pytest -n 2
	ASGI_LOCKSTEP_HTTPX=httpx $(BIN)/python -W error -m pytest -n 2 tests/client/pipeline tests/fuzz/test_pipeline.py

$(VERSIONS:%=unit-%): unit-%:
	@$(if $(call find_python,$*),\
		$(MAKE) --no-print-directory $(VENV)-$*/.installed && \
		$(VENV)-$*/bin/python -W error -m pytest -n 2 --drivers=all,\
		echo "Python $* is not installed: skipped.")

# Random apps and tests: so many for each way to run them, other ones each time; a failure prints the smallest of its kind.
FUZZ ?= 500
fuzz: $(VENV)/.installed
	FUZZ=$(FUZZ) $(BIN)/python -W error -m pytest -n 2 tests/fuzz
	FUZZ=$(FUZZ) ASGI_LOCKSTEP_HTTPX=httpx $(BIN)/python -W error -m pytest -n 2 tests/fuzz/test_pipeline.py

threads: $(VENV)/.installed
	$(BIN)/python -W error tools/threads.py

downstream: $(VENV)/.installed
	$(BIN)/python tools/downstream.py

# Also the suites that take long.
downstream-all: $(VENV)/.installed
	$(BIN)/python tools/downstream.py --all

bench: $(VENV)/.installed
	$(BIN)/python -m bench

# The same, kept in bench/history and drawn in docs/performance.svg.
bench-keep: $(VENV)/.installed
	$(BIN)/python -m bench --keep

# Fails where an operation of ours costs a quarter more than is kept.
bench-check: $(VENV)/.installed
	$(BIN)/python -m bench --check

scale: $(VENV)/.installed
	$(BIN)/python -m bench.scale

dead-ends: $(VENV)/.installed
	$(BIN)/python tools/dead_ends.py
	$(BIN)/python tools/living_apps.py

journeys: $(VENV)/.installed
	$(BIN)/python tools/journeys.py --check

# How often our client, and each server, differs from what most servers do.
conformance: $(VENV)/.installed
	PYTHONPATH=tests $(BIN)/python -m conformance.figures

# What each installed server does with each case, anew; takes a quarter of an hour, because of daphne.
conformance-record: $(VENV)/.installed
	PYTHONPATH=tests $(BIN)/python -m conformance.record

# How soon the page of 5,000 events can be used; needs Chromium.
page-speed: $(VENV)/.installed
	PYTHONPATH=tests $(BIN)/python tools/page_speed.py

# docs/rules.md, of the tables.
rules-page: $(VENV)/.installed
	$(BIN)/python tools/rules_page.py

# The documentation site, in site/: without a warning, and nothing in it is loaded from elsewhere. What builds it has an
# environment of its own. Open site/index.html, or look at it while you write: .venv-docs/bin/zensical serve.
$(VENV)-docs/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-docs/bin/python -m pip install --quiet --group docs
	touch $@

docs: $(VENV)-docs/.installed
	$(VENV)-docs/bin/zensical build --clean --strict
	$(VENV)-docs/bin/python tools/docs_check.py site

clean:
	rm -rf $(VENV) $(VENV)-docs $(VERSIONS:%=$(VENV)-%) site .cache .downstream .bench .hypothesis .mypy_cache .ruff_cache dist
