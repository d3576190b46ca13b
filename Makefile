# Each target works on its own from a fresh clone: what needs the environment makes it first.
#
#   make PYTHON=/path/to/python3.12 test     another interpreter (3.11 or newer)
#   make VENV=.venv-312 test                 another environment
#   make JOBS=4 test                         more test processes

VENV    ?= .venv
JOBS    ?= 2
PYTHON  ?=
PYTEST_ARGS ?=
OUT     ?= build/reproduce-2022
PEERS   ?= build/peers-venv
LLM     ?= build/vllm
PYTHONS      ?= 3.12 3.13
MAIN_TESTS   := $(addprefix tests/,model accounts solve io uncertainty cbam datasets cli test_cli.py)
FUZZ_SECONDS ?= 3600
FUZZ_ARGS    ?=

BIN     := $(VENV)/bin
PY      := $(BIN)/python
STAMP   := $(VENV)/.installed
PIP     := $(PY) -m pip --disable-pip-version-check --no-input
CHECKED := $(wildcard mriocarbon scripts benchmarks validation)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup reproduce test slow pythons lowest coverage mutants fuzz test-llm check format dist audit docs data data-folder database bench bench-full peers validate validate-llm lock clean

help: ## list the targets (default)
	@awk 'BEGIN {FS = ":[^#]*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make the environment in .venv from requirements.lock

# python3.11 is what the lock is first tried on; any newer one will do. Each candidate is
# run, not only looked up: a shim can be on the PATH with nothing behind it.
$(STAMP): requirements.lock pyproject.toml
	@set -eu; \
	new='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if ! { [ -x $(PY) ] && $(PY) -c "$$new" && $(PY) -m pip --version; } >/dev/null 2>&1; then \
	  found=; \
	  for name in $(if $(PYTHON),'$(PYTHON)',python3.11 python3 python3.12 python3.13 python3.14 python); do \
	    if "$$name" -c "$$new" >/dev/null 2>&1; then found=$$name; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "error: no Python 3.11 or newer found (tried: $(if $(PYTHON),$(PYTHON),python3.11 python3 python3.12 python3.13 python3.14 python))." >&2; \
	    echo "  Install one (Debian and Ubuntu: apt-get install python3 python3-venv), or name one:" >&2; \
	    echo "  make PYTHON=/path/to/python3.11 ..." >&2; \
	    exit 1; \
	  fi; \
	  echo "setup: $$("$$found" --version) -> $(VENV)"; \
	  rm -rf '$(VENV)'; \
	  if "$$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    "$$found" -m venv '$(VENV)'; \
	  elif "$$found" -c 'import venv' >/dev/null 2>&1 \
	      && "$$found" -m venv --without-pip '$(VENV)' \
	      && "$$found" -m pip --python $(PY) install --quiet pip; then \
	    echo "setup: ensurepip is missing, took pip from the system's pip"; \
	  else \
	    rm -rf '$(VENV)'; \
	    echo "error: $$found cannot make a virtual environment: its venv or ensurepip module is missing," >&2; \
	    echo "  and it has no pip (22.3 or newer) to make up for that." >&2; \
	    echo "  Debian and Ubuntu: apt-get install python3-venv; then the same make command again." >&2; \
	    exit 1; \
	  fi; \
	fi
	@echo "setup: upgrading pip"
	@$(PIP) install --quiet --upgrade pip
	@echo "setup: installing the locked packages (some minutes, once)"
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@echo "setup: installing mriocarbon (editable)"
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

reproduce: $(STAMP) ## set up, then run the main job: national carbon adjustments of 2022
	$(BIN)/mriocarbon reproduce 2022 --out $(OUT)

test: $(STAMP) ## set up, then run the tests (all but the slow ones)
	$(PY) -m pytest -n $(JOBS) --dist worksteal --durations=10 -m 'not slow and not llm' $(PYTEST_ARGS)

slow: $(STAMP) ## run the slow tests
	$(PY) -m pytest -n $(JOBS) --dist worksteal --durations=10 -m 'slow and not llm' $(PYTEST_ARGS)

# The same lock and the same tests on every other Python that is promised. What is not on this
# machine is said to be skipped: on the PATH, or of pyenv.
pythons: ## run the tests on Python 3.12 and 3.13, where they are
	@set -eu; for version in $(PYTHONS); do \
	  found=; \
	  for name in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python; do \
	    if "$$name" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')" >/dev/null 2>&1; then \
	      found=$$name; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then echo "SKIPPED: Python $$version is not here"; continue; fi; \
	  $(MAKE) --no-print-directory test VENV=build/python-$$version PYTHON="$$found"; \
	done

# What old versions warn of is not ours to mend; with pandas 2, pymrio reads the last bit otherwise
# and reading takes more memory; numpy 2.0 rounds the last bit otherwise in a process of Dask.
# Commands that need an extra are left out.
LOWEST_PIP := $(PIP) --python build/lowest/bin/python install --quiet
lowest: $(STAMP) ## run the main tests on the lowest versions that pyproject.toml allows
	@for name in $(PYTHON) $(PY) python3.11 python3.12; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; then \
	    rm -rf build/lowest && exec "$$name" -m venv --without-pip build/lowest; \
	  fi; \
	done; echo "error: the lowest versions are for Python 3.11 and 3.12: make PYTHON=/path/to/python3.11 lowest" >&2; exit 1
	$(PY) -m scripts.lowest > build/lowest.txt
	$(LOWEST_PIP) -r build/lowest.txt hypothesis jsonschema pytest pytest-xdist
	$(LOWEST_PIP) --no-deps --editable .
	build/lowest/bin/python -m pytest -n $(JOBS) --dist worksteal -q -o filterwarnings=default \
	  -m 'not slow and not llm' $(addprefix --ignore=tests/cli/test_,ask.py llm_evaluate.py map.py) \
	  -k 'not same_numbers_as_pymrio and not pymrio_reads_the_same and not equals_pymrio and not peak_memory and not on_an_engine_and_after' \
	  $(MAIN_TESTS) $(PYTEST_ARGS)

# With the slow tests, as a whole: a room may be tested by another's. Programs that tests start
# count as well.
coverage: $(STAMP) ## run all tests, and say how much of each room they run: 95 or 85 %
	rm -rf build/coverage && mkdir -p build/coverage
	$(PY) -m pytest -n $(JOBS) --dist worksteal -q -m 'not llm' --cov=mriocarbon --cov-branch --cov-report= $(PYTEST_ARGS)
	$(PY) -m coverage json -q -o build/coverage/coverage.json
	$(PY) -m scripts.room_coverage build/coverage/coverage.json

# Small changes to the code of accounts and of the CBAM obligation, one at a time: at least 85 % of
# them must be noticed by a test. Writes docs/mutation.md; from scratch, so that no result is old.
mutants: $(STAMP) ## change the code in small places, and say which changes no test notices
	rm -rf mutants
	$(PY) -m scripts.mutants --children $(JOBS)

# Whatever a file holds, a reader takes it or refuses it in our own words. Where there is no atheris
# (its wheels are for Linux on x86_64), the script says so with status 3; make turns that into its 2.
fuzz: $(STAMP) ## feed every reader with broken files: an hour, or FUZZ_SECONDS=600, FUZZ_ARGS='--target npz'
	$(PY) -m scripts.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

# vLLM cannot share our environment: it gets one of its own, from the lock in the package.
test-llm: $(STAMP) ## make vLLM's own environment, then run the tests against its server
	$(PY) -m mriocarbon.cli llm install --cpu --into '$(LLM)'
	MRIOCARBON_LLM_VENV='$(abspath $(LLM))' $(PY) -m pytest --durations=10 -m llm $(PYTEST_ARGS)

check: $(STAMP) ## ruff (lint and format) and a strict type check
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict $(CHECKED)

format: $(STAMP) ## let ruff put the code in shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

dist: $(STAMP) ## build sdist and wheel, and try the wheel in a clean environment
	$(PY) -m scripts.dist

# pip-audit in an environment of its own: what looks at the lock is not part of it. Status of the
# script: 0 nothing known, 1 findings, 3 UNTRIED, as behind a mirror; make turns both into its 2.
audit: $(STAMP) ## look the locked versions up for known vulnerabilities (needs OSV or PyPI)
	@[ -x build/audit-venv/bin/pip-audit ] || { $(PY) -m venv --without-pip build/audit-venv && $(PIP) --python build/audit-venv/bin/python install --quiet pip-audit; }
	@$(PY) -m scripts.audit build/audit-venv/bin/pip-audit

# Nothing is fetched. A warning is an error: a link that leads nowhere, a docstring that cannot be read.
docs: $(STAMP) ## build the pages: build/docs/index.html
	$(PY) docs/gallery.py build/gallery
	$(PY) -m sphinx -q -E -n -W --keep-going -b html docs build/docs
	@echo "docs: build/docs/index.html"

# The folder is looked at first: nobody should wait for the set-up to learn of a typing error.
data: data-folder $(STAMP) ## rebuild the embedded data byte for byte: make data DATA=path/to/data
	$(PY) -m scripts.embed --data '$(DATA)'

database: data-folder $(STAMP) ## rebuild the embedded part of the database: make database DATA=path/to/data
	$(PY) -m scripts.database --data '$(DATA)' --compact

data-folder:
	@if [ ! -d '$(DATA)' ]; then \
	  echo "error: DATA='$(DATA)' is not a folder. Name the folder of source data: make data DATA=path/to/data (or make database)" >&2; \
	  exit 2; \
	fi

bench: $(STAMP) ## run the small benchmarks, under two minutes (with the peers, if make peers was run)
	$(PY) -m benchmarks --smoke

bench-full: $(STAMP) peers ## run all benchmarks beside the peers, and write the figures into the docs
	$(PY) -m benchmarks --full --write

peers: $(PEERS)/pymrio/.installed $(PEERS)/mario/.installed ## make the environments of the peers

# One for each of them: MARIO pins versions that others do not bear. Without ensurepip, which some
# systems lack: the pip of the project's environment installs into them.
$(PEERS)/%/.installed: benchmarks/peers/%.txt | $(STAMP)
	rm -rf '$(@D)'
	$(PY) -m venv --without-pip '$(@D)'
	$(PIP) --python '$(@D)/bin/python' install --quiet --requirement '$<'
	@touch $@

# All of them run even if one fails, so that one bad comparison does not hide another.
validate: $(STAMP) ## compare with published figures; writes validation/RESULTS.md
	$(PY) -m validation

# A 1.5B model on two cores: about an hour. Its answers are kept, so that a second run goes on.
validate-llm: $(STAMP) ## ask a served 1.5B model 40 questions, and score tools and numbers
	$(PY) -m mriocarbon.cli llm install --cpu --into '$(LLM)'
	[ -d build/llm-small ] || MRIOCARBON_LLM_VENV='$(abspath $(LLM))' $(PY) -m mriocarbon.cli llm model small build/llm-small
	MRIOCARBON_LLM_VENV='$(abspath $(LLM))' $(PY) -m validation.run_agent_vllm --model build/llm-small --out build/llm-evaluation

lock: ## resolve pyproject.toml anew into requirements.lock (needs a package index)
	@set -eu; \
	[ -x build/lock-venv/bin/uv ] || { $(if $(PYTHON),'$(PYTHON)',python3) -m venv build/lock-venv && build/lock-venv/bin/pip install --quiet uv; }; \
	build/lock-venv/bin/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --extra agents --extra dev --extra distributed --extra docs --extra geo --extra lca --extra mcp --extra opt --extra web --upgrade --quiet --no-annotate --custom-compile-command "make lock" \
	  --output-file requirements.lock pyproject.toml

clean: ## remove the environment and everything built
	rm -rf '$(VENV)' build dist mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
