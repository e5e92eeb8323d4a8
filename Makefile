# Two commands for users: `make report` and `make test`. Both set up everything they need, in .venv.
PYTHON ?= python3
VENV := .venv
UV := .tools/bin/uv
UV_VERSION := 0.13.9
PYTEST_ARGS ?=
export DVC_NO_ANALYTICS := 1

.PHONY: report test check setup browser java sample lab lock clean help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## report   set up and run the whole flow on data/raw; ends with the path of the page to open
report: $(VENV)/.ready
	$(VENV)/bin/attribution run

## test     set up and run all checks and tests
test: $(VENV)/.ready browser java check
	$(VENV)/bin/pytest $(PYTEST_ARGS)

## check    lint, formatting and types
check: $(VENV)/.ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

## lab      open the notebooks in JupyterLab, on the results in data/out
lab: $(VENV)/.ready
	@test -f data/out/ledger.json || $(VENV)/bin/attribution run
	JUPYTER_CONFIG_DIR=$(CURDIR)/notebooks/.jupyter $(VENV)/bin/jupyter lab notebooks

## sample   remake the sample in data/raw
sample: $(VENV)/.ready
	rm -rf data/raw
	$(VENV)/bin/attribution simulate --out data/raw --events 30000 --format csv --compress gzip --seed 7

## lock     update the pinned versions within the bounds of pyproject.toml
lock: $(UV)
	$(UV) pip compile -q --upgrade pyproject.toml --all-extras --group dev --universal --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 -o requirements.lock

## setup    set up the environment only
setup: $(VENV)/.ready

browser: $(VENV)/.ready
	@sh .ci/browser $(VENV)/bin/python

java:
	@sh .ci/java

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.ready: $(UV) pyproject.toml requirements.lock
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip sync --quiet --python $(VENV)/bin/python --compile-bytecode --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(VENV)/bin/python --no-deps -e .
	@touch $@

## clean    remove the environment and all results
clean:
	rm -rf $(VENV) .tools data/out .pytest_cache .ruff_cache .mypy_cache .hypothesis
	-git checkout -q -- data/out/reports/metrics.json
