# Every target makes the environment it needs; all it takes is Python 3.11 or newer, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types unit downstream bench journeys clean

# The project, and what its tests and examples need, in an environment of its own.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group tests --group bench
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

unit: $(VENV)/.installed
	$(BIN)/python -W error -m pytest -n 2

downstream: $(VENV)/.installed
	$(BIN)/python tools/downstream.py

bench: $(VENV)/.installed
	$(BIN)/python tools/bench.py

journeys: $(VENV)/.installed
	$(BIN)/python tools/journeys.py

clean:
	rm -rf $(VENV) .downstream .bench .mypy_cache .ruff_cache dist
