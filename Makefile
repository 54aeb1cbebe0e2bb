# massivetext: `make` lists the targets. Everything is built in .venv from constraints.txt.

PYTHON ?= python3
VENV ?= .venv
OUT ?= out/sample
WORKERS ?= 2
RECIPE ?= massivetext/recipes/massivetext.toml
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
LID := models/lid.176.ftz
UNIT := tests/filters tests/tokenizer tests/massivetext tests/test_layering.py

CPP := $(wildcard kernels/*/*.hpp kernels/*/*.cpp tests/kernels/*.hpp tests/kernels/*.cpp)

.DEFAULT_GOAL := help
.PHONY: help install models run unit test test-all test-heavy test-faults test-scale test-growth \
	test-sanitizers test-tpu test-gpu test-eval test-transformers flink-test prism check check-pyright check-tensorflow hooks \
	format bench train ablation-small ablation-real \
	prove-tpu dataflow wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 20

install: $(INSTALLED) ## make .venv with the pinned packages and this project
$(INSTALLED): pyproject.toml constraints.txt CMakeLists.txt $(wildcard kernels/*/*)
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 12); \
	  sys.exit(0 if ok else "massivetext needs Python 3.11 or 3.12; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt setuptools wheel scikit-build-core nanobind cmake ninja
	$(BIN)/pip install --quiet -c constraints.txt --no-build-isolation -e '.[all,dev]'
	@touch $@

models: $(LID) ## fetch the language model, checked by its SHA-256
$(LID): $(INSTALLED)
	$(BIN)/massivetext models models

run: $(INSTALLED) $(LID) ## build the embedded sample end to end and check what came out
	$(BIN)/massivetext sample $(OUT)/input
	$(BIN)/massivetext build sample.toml --output $(OUT) --set root=$(OUT)/input --workers $(WORKERS) --replace
	$(BIN)/massivetext check-sample $(OUT) $(OUT)/input/truth.json

# Where make runs the tests, the language model is there: a test that would skip without it fails.
export MASSIVETEXT_REQUIRE_MODEL := 1

unit: $(INSTALLED) $(LID) ## the tests of filters, tokenizer and core, under a minute
	$(BIN)/pytest -q -n $(WORKERS) $(UNIT)

test: $(INSTALLED) $(LID) ## the tests, under ten minutes on two cores
	$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup

test-all: check test test-heavy test-tpu test-eval test-transformers check-pyright check-tensorflow ## every suite, some of them long

# The same bytes on another Python, where one is there.
OTHER_PYTHON ?= python3.12
OTHER := $(if $(shell $(OTHER_PYTHON) -c 'print(1)' 2>/dev/null),.venv-312/installed)

test-heavy: $(INSTALLED) $(LID) $(OTHER) ## all suites that are too long for `make test`
	$(BIN)/pytest -q -m heavy

test-faults: $(INSTALLED) $(LID) $(OTHER) ## kills and resumes, workers, orders, another Python
	$(BIN)/pytest -q -m heavy tests/faults

flink-test: $(INSTALLED) $(LID) ## build on a Flink cluster of this machine that loses its parts (Java 17, Maven)
	$(BIN)/pytest -q -m heavy tests/flink

prism: $(BIN)/prism ## Beam's local engine in Go, at the version of Beam here; `--runner=PrismRunner` finds it
$(BIN)/prism: $(INSTALLED)
	GOBIN=$(abspath $(BIN)) go install github.com/apache/beam/sdks/v2/go/cmd/prism@v$$($(BIN)/python -c \
	  'from importlib.metadata import version; print(version("apache-beam"))')

test-scale: $(INSTALLED) $(LID) ## peak memory of each stage at 1, 4 and 16 times the real data
	$(BIN)/pytest -q -m heavy tests/scale

test-sanitizers: $(INSTALLED) ## the kernels under sanitizers, and fuzzed against their definitions
	$(BIN)/pytest -q -m heavy tests/kernels

test-growth: $(INSTALLED) ## cost and memory of hostile records, 10^6 fuzzed ones; prints tables
	$(BIN)/pytest -q -s -m heavy tests/growth

check-tensorflow: $(INSTALLED) .venv-tensorflow/installed ## TensorFlow reads the sample's shards
	test -d $(OUT)/sequences || $(MAKE) run
	PYTHONPATH=. $(BIN)/python tests/builds/check_tensorflow.py --ours $(OUT)/sequences out/ours.npz
	.venv-tensorflow/bin/python tests/builds/check_tensorflow.py $(OUT)/sequences out/ours.npz

.venv-tensorflow/installed:
	$(PYTHON) -m venv .venv-tensorflow
	.venv-tensorflow/bin/pip install --quiet tensorflow==2.21.0 tensorflow-datasets==4.9.10
	@touch $@

check: $(INSTALLED) ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $(CPP)
	$(BIN)/mypy

check-pyright: $(INSTALLED) .venv-pyright/installed ## pyright reads the examples, as editors do
	.venv-pyright/bin/pyright --pythonpath $(BIN)/python examples

.venv-pyright/installed:
	$(PYTHON) -m venv .venv-pyright
	.venv-pyright/bin/pip install --quiet 'pyright[nodejs]==1.1.414'
	@touch $@

hooks: ## let git run `make check` before each commit
	printf '#!/bin/sh\nexec make check\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit

format: $(INSTALLED) ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(CPP)
	$(BIN)/ruff check --fix .

bench: $(INSTALLED) $(LID) ## speeds, as ratios within one run
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.hostile
	$(BIN)/python -m benchmarks.training

ACCELERATOR ?= cpu
JAX_cpu :=
JAX_tpu := 'jax[tpu]'
JAX_cuda := -c constraints-cuda.txt 'jax[cuda13]'
TRAINED ?= $(OUT)/models/nano
# What the model is given at the end: PROMPT, or else the beginnings of held-out documents.
PROMPT ?=
# Each step's arrays are given back to the kernel, which clears them page by page: large pages cost less.
LARGE_PAGES := GLIBC_TUNABLES=glibc.malloc.hugetlb=1

train: $(INSTALLED) ## train nano on a build and let it write: OUT= TRAINED= FLAGS= PROMPT= ACCELERATOR=cpu|tpu|cuda
	$(if $(JAX_$(ACCELERATOR)),$(BIN)/pip install --quiet -c constraints.txt $(JAX_$(ACCELERATOR)))
	$(LARGE_PAGES) $(BIN)/massivetext train nano --data $(OUT) --output $(TRAINED) $(FLAGS)
	@echo
	$(BIN)/massivetext generate $(TRAINED) --tokens 40 --samples 3 $(if $(PROMPT),--prompt "$(PROMPT)",--data $(OUT))

ablation-small: $(INSTALLED) $(LID) ## which packing makes the better model: six small ones, on the sample
	test -d out/ablation-small/input || $(BIN)/massivetext sample out/ablation-small/input
	$(LARGE_PAGES) $(BIN)/massivetext ablate examples/ablation-small.toml --output out/ablation-small

ablation-real: $(INSTALLED) $(LID) ## four questions on real data, fifteen small models: REAL_DATA=FOLDER
	@test -n "$(REAL_DATA)" || { echo "name the folder of tests/real.toml's files: REAL_DATA=FOLDER"; exit 2; }
	MASSIVETEXT_REAL_DATA=$(REAL_DATA) $(LARGE_PAGES) $(BIN)/massivetext ablate examples/ablation-real.toml --output out/ablation-real

MODEL ?= 1.4b
TOPOLOGY ?= v3:2x2
SLICES ?= 1

prove-tpu: .venv-tpu/installed ## compile a training step for TPUs: MODEL= TOPOLOGY= SLICES=
	.venv-tpu/bin/massivetext prove-tpu $(MODEL) --topology $(TOPOLOGY) --slices $(SLICES)

test-tpu: .venv-tpu/installed ## compile the paper's models for TPUv3 slices, ahead of time
	.venv-tpu/bin/python -m pytest -q -m heavy tests/train/run/test_prove_tpu.py

test-gpu: $(INSTALLED) ## on a machine with a GPU: kernels, resumes, speed; after make train ACCELERATOR=cuda
	$(BIN)/python -m pytest -q -m heavy tests/train/gpu
	$(BIN)/python -m benchmarks.training

test-eval: .venv-eval/installed ## the paper's task groups through EleutherAI's lm-eval, on miniature files
	.venv-eval/bin/python -m pytest -q -m heavy tests/train/evaluation/test_suite.py tests/train/evaluation/test_lm_eval_command.py

test-transformers: .venv-transformers/installed ## exports in transformers, torch and Megatron: logits, texts, ids
	.venv-transformers/bin/pip install --quiet --no-deps megatron-core==0.16.1  # whose reader wants torch and numpy alone
	.venv-transformers/bin/python -m pytest -q -m heavy tests/train/inference/test_transformers.py \
	  tests/train/evaluation/test_lm_eval_command.py tests/massivetext/exports/test_libraries.py

.venv-312/installed: $(INSTALLED)
	$(OTHER_PYTHON) -m venv .venv-312
	.venv-312/bin/pip install --quiet -c constraints.txt setuptools wheel scikit-build-core nanobind cmake ninja
	.venv-312/bin/pip install --quiet -c constraints.txt --no-build-isolation -e '.[beam]'
	@touch $@

# libtpu is half a gigabyte, lm-eval brings thirty packages and torch may bring gigabytes for GPUs, so
# each has an environment of its own.
EXTRA_tpu := 'jax[tpu]'
EXTRA_transformers := -c tests/train/evaluation/lm-eval.txt torch==2.15.0 transformers==5.24.0 accelerate==1.15.0 lm-eval
EXTRA_eval := -c tests/train/evaluation/lm-eval.txt lm-eval
.venv-eval/installed: tests/train/evaluation/lm-eval.txt
.venv-tpu/installed .venv-eval/installed .venv-transformers/installed: .venv-%/installed: $(INSTALLED)
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/pip install --quiet -c constraints.txt setuptools wheel scikit-build-core nanobind cmake ninja
	.venv-$*/bin/pip install --quiet -c constraints.txt --no-build-isolation -e '.[all,dev]' $(EXTRA_$*)
	@touch $@

wheel: $(INSTALLED) ## a wheel in dist/, for manylinux where auditwheel and patchelf are there
	rm -f dist/massivetext-*.whl
	$(BIN)/python -m build --wheel
	@PATH=$(abspath $(BIN)):$$PATH; wheel=$$(echo dist/*-linux_*.whl); \
	  if ! command -v auditwheel >/dev/null || ! command -v patchelf >/dev/null; then \
	    echo "no auditwheel or no patchelf: $$wheel is for this machine's kind of Linux"; \
	  elif auditwheel repair --wheel-dir dist $$wheel; then rm $$wheel; \
	  else echo "$$wheel stays as it is"; fi

# The flags of `make dataflow` are checked before anything else is done.
ifneq ($(filter dataflow,$(MAKECMDGOALS)),)
$(foreach name,PROJECT REGION BUCKET,$(if $($(name)),,$(error make dataflow needs $(name)=; docs/dataflow.md)))
endif
INPUT ?=
IMAGE ?=
FLAGS ?=

dataflow: $(INSTALLED) $(LID) $(if $(IMAGE),,wheel) ## build on Dataflow: PROJECT= REGION= BUCKET= RECIPE=
	$(BIN)/massivetext build $(RECIPE) --output gs://$(BUCKET)/$(basename $(notdir $(RECIPE))) \
	  $(if $(INPUT),--set root=$(INPUT)) --runner=DataflowRunner --project=$(PROJECT) --region=$(REGION) \
	  $(if $(IMAGE),--sdk_container_image=$(IMAGE),--extra_package=$$(ls -t dist/massivetext-*.whl | head -1)) $(FLAGS)

clean: ## remove what make made
	rm -rf $(VENV) .venv-tpu .venv-eval .venv-transformers .venv-pyright .venv-tensorflow .venv-312 build dist out models
