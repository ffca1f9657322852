# Needs Python 3.11 or newer, make and sh; `make help` lists what there is.
SHELL = /bin/sh
PYTHON ?= python3
STATE ?= .state
PORT ?= 8000
T ?=
export STATE PORT

PY = .venv/bin/python
LAUNCHER = $(PY) -m o2o_platform.launcher
APPS = accounts markets journal outbox notifications interface operations catalog dealers orders payments
CHECKS = lint-code lint-format lint-imports lint-templates lint-types lint-migrations lint-schema lint-deploy

.DEFAULT_GOAL := help
.PHONY: help run stop status test lint bench shots browser env product-env test-env clean $(CHECKS)

help: ## list what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

run: product-env ## start everything here (PORT=8000 STATE=.state)
	@exec $(LAUNCHER) run

stop: product-env ## stop what 'make run' started
	@exec $(LAUNCHER) stop

status: product-env ## say whether it runs and where
	@exec $(LAUNCHER) status

test: test-env ## run the tests (T=path or any pytest options)
	@exec $(LAUNCHER) exec -- $(PY) -m pytest $(if $(T),$(T),-n 2)

lint: test-env ## check code, templates, migrations, settings
	@exec $(LAUNCHER) exec -- $(MAKE) --keep-going --no-print-directory $(CHECKS)

bench: test-env ## measure against the targets
	@exec $(LAUNCHER) exec -- $(PY) -m bench $(T)

shots: test-env ## take pictures of the pages
	@exec $(LAUNCHER) exec -- $(PY) -m bench.shots $(T)

browser: test-env ## find or get the Chromium that tests use
	@exec $(LAUNCHER) browser

env: product-env test-env ## make .venv with everything in it

clean: ## remove .venv, caches and all data in STATE
	@if $(PY) -c '' 2>/dev/null; then $(LAUNCHER) clean; \
	elif [ -e "$(STATE)" ]; then echo "Without .venv the data in $(STATE) is left: 'make env clean' removes both."; fi
	rm -rf .venv .cache .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

lint-code:
	$(PY) -m ruff check .

lint-format:
	$(PY) -m ruff format --check .

lint-imports:
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

lint-templates:
	$(PY) -m djlint --lint --quiet templates

lint-types:
	$(PY) -m mypy --no-error-summary --ignore-missing-imports o2o_platform/launcher

lint-migrations:
	PYTHONPATH=.ci:. DJANGO_SETTINGS_MODULE=lint_settings $(PY) manage.py lintmigrations --include-apps $(APPS) --quiet ok ignore --project-root-path . --no-cache

lint-schema:
	$(PY) manage.py makemigrations --check --dry-run

lint-deploy:
	set -a && . ./.env.example && exec $(PY) manage.py check --deploy --fail-level WARNING

product-env:
	$(call install,product,requirements.txt)

test-env: product-env
	$(call install,test,.ci/requirements-test.txt)

# Installs a list once; again only when the list or its Python changes.
define install
@want=`cat $(2) | cksum` || exit 1; \
if $(PY) -c '' 2>/dev/null; then \
  [ "`cat .venv/$(1).stamp 2>/dev/null`" = "$$want" ] && exit 0; \
else \
  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || { echo "Python 3.11 or newer is needed: name it with PYTHON=/path/to/python3.11."; exit 1; }; \
  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
    || { echo "This Python cannot make environments: install its venv package (Debian: apt-get install python3-venv)."; exit 1; }; \
  $(PYTHON) -m venv --clear .venv || { echo "Cannot make .venv in this folder: is it yours to write?"; exit 1; }; \
fi; \
echo "Installing $(2) (a minute the first time)…"; \
$(PY) -m pip install -qq --disable-pip-version-check --no-input -r $(2) \
  || { echo "Installing $(2) failed: see above; 'make' again tries again."; exit 1; }; \
echo "$$want" > .venv/$(1).stamp
endef
