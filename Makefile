# Everything a contributor runs, the same here and in CI. `make demo` and `make test` need neither root nor any network
# beyond the package index; `make fleet-*` need root on Debian or Ubuntu.
.PHONY: help demo test check format lab-up lab-down fleet-up fleet-down fleet-test newest-python compat bench docs wheel clean

VENV   := .venv
BIN    := $(VENV)/bin
LAB    := .lab
PEER   := .peer
N      ?= 4
ARGS   ?=
# The first Python on the path that is new enough and works (a version manager's shims exist and may fail).
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v "$$name"; break; }; done)

help:           ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 14

demo: $(VENV)/.installed    ## play playbooks/site.yml on a throw-away lab of three SSH hosts
	@LAB=$(LAB) BIN=$(BIN) ./playbooks/demo.sh

test: $(VENV)/.installed-dev    ## run the tests (apart: make fleet-test, make compat)
	$(BIN)/python -m pytest -m "not fleet and not compat" -n auto $(ARGS)

check: $(VENV)/.installed-dev    ## every check: lint, format, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

format: $(VENV)/.installed-dev    ## put the code into the house format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lab-up: $(VENV)/.installed    ## start a lab of N SSH hosts on loopback and keep it
	$(BIN)/python -m orchestra.testing.lab up --dir $(LAB) --hosts $(N)

lab-down: $(VENV)/.installed    ## end the lab
	$(BIN)/python -m orchestra.testing.lab down --dir $(LAB)

newest-python: $(VENV)/.installed-dev    ## fetch Python 3.14 for the tests' hosts into /var/tmp/orchestra-python (Debian, Ubuntu)
	$(BIN)/python -m tests.runner.newest

fleet-up: $(VENV)/.installed-dev    ## boot N real systemd hosts for the tests (root)
	$(BIN)/python -m tests.fleet.fleet up --hosts $(N)

fleet-down: $(VENV)/.installed-dev    ## end them
	$(BIN)/python -m tests.fleet.fleet down

fleet-test: $(VENV)/.installed-dev    ## run the tests on the fleet (root)
	$(BIN)/python -m pytest -m fleet $(ARGS)

compat: $(VENV)/.installed-dev $(PEER)/.installed    ## run the tests that compare with ansible-core
	PATH="$$PATH:$(CURDIR)/$(PEER)/bin" $(BIN)/python -m pytest -m "compat and not fleet" -n auto $(ARGS)

bench: $(VENV)/.installed-dev    ## measure beside the peers (bench/README.md); ARGS="--workloads W1 --hosts 50"
	$(BIN)/python bench/run.py $(ARGS)

docs: $(VENV)/.installed-dev    ## bring the generated parts of the manual up to date
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/make_cli.py

wheel: $(VENV)/.installed-dev    ## build the wheel into dist/
	$(BIN)/python -m build --wheel

clean:          ## remove what these targets made (the fleet's image and the bench's peers stay in /var/tmp)
	@if [ -d $(LAB) ]; then $(BIN)/python -m orchestra.testing.lab down --dir $(LAB); fi
	rm -rf $(VENV) $(PEER) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Orchestra needs Python 3.11 or later: apt install python3 python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv: apt install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[fast]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

$(PEER)/.installed: $(VENV)/bin/python
	$(BIN)/python -m venv $(PEER)
	$(PEER)/bin/pip install --quiet --disable-pip-version-check 'ansible-core==2.19.*' passlib tomli-w
	@touch $@
