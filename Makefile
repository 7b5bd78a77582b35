# One verb each. Every verb that needs the environment first makes sure that it is current.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-full test-torch fuzz attacks mutants coverage check fix generate bench bench-peers clean

PYTHON ?= python3
export PYTHON
BIN := .venv/bin

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv and node_modules, if they are not current
	@scripts/setup

demo: setup ## train, check, pay, use and roll back on a local chain (ARGS=--once: end by itself)
	@$(BIN)/delea demo $(ARGS)

test: ## run the tests (ARGS=... goes to pytest; installs Chromium)
	@scripts/setup test
	@$(BIN)/pytest -n 2 $(ARGS)

test-full: ## run the tests with the long fuzzing suites
	@scripts/setup test
	@DELEA_FUZZ=1 $(BIN)/pytest -n 2 $(ARGS)

test-torch: ## train what PyTorch exports beside PyTorch itself (installs it)
	@scripts/setup torch
	@$(BIN)/pytest -n 2 tests/torch $(ARGS)

fuzz: setup ## long random lives of contract and twin, and 120,000 mutated modules through the check
	@DELEA_FUZZ=1 $(BIN)/pytest -s tests/contracts/stateful tests/unit/curve \
		tests/unit/runtime/test_mutations.py $(ARGS)

attacks: setup ## run every attack in attacks/ and say why it failed (ARGS=module_: only some)
	@$(BIN)/python attacks/run.py $(ARGS)

mutants: setup ## break the code by rule, one change at a time, and see that the tests notice (ARGS=claims.vy)
	@$(BIN)/python scripts/mutants/run.py $(ARGS)

coverage: setup ## count the branches of the contracts that their unit tests take both ways
	@$(BIN)/python scripts/cover_contracts.py $(ARGS)

check: setup ## lint, formatting, types, layers, generated files are current
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_reasons.py --check
	$(BIN)/python scripts/compile_contracts.py --check
	$(BIN)/python scripts/generate_vectors.py --check
	$(BIN)/python scripts/generate_seed_vectors.py --check
	$(BIN)/python scripts/generate_cli_reference.py --check
	$(BIN)/python scripts/generate_nn_reference.py --check

fix: setup ## format, and apply what the linter can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

generate: setup ## write the generated files anew
	$(BIN)/python scripts/generate_reasons.py
	$(BIN)/python scripts/compile_contracts.py
	$(BIN)/python scripts/measure_gas.py
	$(BIN)/python scripts/generate_vectors.py
	$(BIN)/python scripts/generate_seed_vectors.py
	$(BIN)/python scripts/generate_cli_reference.py
	$(BIN)/python scripts/generate_nn_reference.py

bench: ## time Delea beside PyTorch (installs PyTorch and Chromium)
	@scripts/setup bench
	@$(BIN)/python bench/run.py $(ARGS)

bench-peers: ## time Delea beside other engines in Chromium, too (installs them)
	@scripts/setup bench
	@cd bench/peers && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci; }
	@$(BIN)/python bench/run.py --peers $(ARGS)

clean: ## remove all that the verbs above made
	rm -rf .venv node_modules bench/peers/node_modules .make demo-out dist build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench examples attacks scripts -name __pycache__ -prune -exec rm -rf {} +
