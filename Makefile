# Every set-up step is here: `make demo` and `make test` need only make and Python >= 3.11 with venv.
# One .venv serves both: the demo's few packages are a subset of the suite's, each set has its stamp.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

# An environment that was moved, half made, or has lost its interpreter is made again.
$(shell [ -x $(BIN)/python ] && grep -qsF "$(CURDIR)/.venv" $(BIN)/activate || rm -f .venv/*.stamp)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint tools bench faults mutants image lock swagger clean

help: ## this list
	@echo "labfleet: one process that is a whole lab. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile
	@echo "Settings: PYTHON=python3.12 (another interpreter), ARGS=--exit (handed to the command)"

demo: .venv/demo.stamp ## stand-in server, fleet and real runs, live in this terminal
	@$(BIN)/labfleet demo $(ARGS)

test: .venv/dev.stamp tools lint ## everything that must pass: real tools, lint, types, the suite
	@echo "== tests"
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --durations=5 --durations-min=0.5 $(ARGS)

lint: .venv/dev.stamp ## format, lint, types, Dockerfile
	@echo "== lint: ruff format, ruff check, mypy, hadolint"
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/hadolint Dockerfile

tools: ## as root on Debian: install the real tools; else say which tests are left out
	@sh deploy/setup/tools.sh

bench: .venv/dev.stamp tools ## the measurements in tests/bench
	@$(BIN)/python -m pytest -q -s -o python_files='bench_*.py' -o faulthandler_timeout=0 tests/bench $(ARGS)

mutants: .venv/dev.stamp ## change the readers in small ways: which change does no test notice?
	@sh tests/mutants/run.sh $(ARGS)

faults: .venv/dev.stamp ## the long faults in tests/faults, with their figures
	@$(BIN)/python -m pytest -q -s -o python_files='faults_*.py' -o faulthandler_timeout=900 tests/faults $(ARGS)

image: ## build the container image, run it locked down, scrape it, stop it
	@sh deploy/try_image.sh

lock: .venv/dev.stamp ## renew the lock files from pyproject.toml
	@sh deploy/setup/lock.sh

swagger: ## fetch the Swagger UI that the stand-in shows; ARGS=VERSION for another one
	@sh deploy/setup/swagger_ui.sh $(ARGS)

clean: ## remove the environment and all caches (state of a fleet is never touched)
	@rm -rf .venv .venv-mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	@find orchestrator adapters tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/demo.stamp: pyproject.toml deploy/requirements.lock
	@PYTHON="$(PYTHON)" sh deploy/setup/venv.sh deploy/requirements.lock
	@touch $@

# The larger set holds the demo's, so it is good for both.
.venv/dev.stamp: pyproject.toml tests/requirements.lock
	@PYTHON="$(PYTHON)" sh deploy/setup/venv.sh tests/requirements.lock
	@touch $@
	@touch .venv/demo.stamp
