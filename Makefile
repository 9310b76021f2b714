# Dukao. `make run` and `make test` need nothing but Python 3.11–3.13 with venv, and make.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: --no-compile
OPTIONS = $(if $(NOW),--now $(NOW)) $(if $(DATA),--data $(DATA)) $(if $(PORT),--port $(PORT))
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help run test everything check bench endurance screenshots migrate tick admin backup restore lock format clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | \
	  while IFS='|' read -r target words; do printf '%-20s %s\n' "$$target" "$$words"; done

run: $(VENV)/run.stamp ## serve on http://127.0.0.1:8000 with demo data; NOW=2021-03-22T09:00 DATA=var/walk: empty, on a trial clock; PORT=
	$(PY) run.py $(OPTIONS)

test: $(VENV)/dev.stamp ## the tests, on SQLite and PostgreSQL and in a browser
	@$(PY) -m tests.browser.get_chromium
	$(PY) -m pytest -n 2

everything: $(VENV)/dev.stamp ## every test, those of pages on PostgreSQL as well
	@$(PY) -m tests.browser.get_chromium
	$(PY) -m pytest -n 2 --every-database

check: $(VENV)/dev.stamp ## ruff, mypy, import contracts, complete translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.catalogue

bench: $(VENV)/dev.stamp ## speed and memory, as ratios to a baseline of the same run; printed, not judged; PARTS="matrix rules"
	$(PY) -m tests.bench $(PARTS)

endurance: $(VENV)/dev.stamp ## the reliability goals at full size (long)
	$(PY) -m tests.bench.endurance

screenshots: $(VENV)/dev.stamp ## pictures of the main pages into var/screenshots
	@$(PY) -m tests.browser.get_chromium
	$(PY) -m tests.browser.screenshots

migrate: $(VENV)/run.stamp ## bring the schema of DATA (or DUKAO_DATABASE_URL) up to date, after a copy
	$(PY) run.py migrate $(OPTIONS)

tick: $(VENV)/run.stamp ## one pass of everything that time alone makes happen
	$(PY) run.py tick $(if $(NOW),--at $(NOW)) $(if $(DATA),--data $(DATA))

admin: $(VENV)/run.stamp ## a one-time link for the first administrator, or for WHO=username who lost the password
	$(PY) run.py admin $(WHO) $(if $(DATA),--data $(DATA))

backup: $(VENV)/run.stamp ## a consistent copy of database and files into DIR=, while the server runs
	$(PY) run.py backup $(DIR) $(if $(DATA),--data $(DATA))

restore: $(VENV)/run.stamp ## the way back from DIR= into an empty DATA=
	$(PY) run.py restore $(DIR) $(if $(DATA),--data $(DATA))

lock: ## write requirements*.txt with hashes from requirements*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs the tool uv on the path"; exit 2; }
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt

format: $(VENV)/dev.stamp ## put the source into its one form
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

clean: ## remove everything that can be made again; data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14)' || \
	  { echo "Dukao needs Python 3.11, 3.12 or 3.13; say which: make PYTHON=python3.12 …"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(PY)
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(PY)
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp
