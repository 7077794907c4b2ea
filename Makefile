# make demo   set everything up and run the two environments on the real Pulumi engine, without AWS
# make test   set everything up and run all checks and tests
.PHONY: help demo test setup browser opentofu check lint types pytest bench fuzz lock clean

PYTHON := .venv/bin/python
WORKERS ?= 2

help:
	@echo "make demo    set up, then bring both environments up on the real Pulumi engine, without an AWS account"
	@echo "make test    set up, then run every check and test"
	@echo "make check   the quick checks: ruff, mypy, generated files"
	@echo "make bench   the benchmarks, as ratios"
	@echo "make fuzz    property tests with new examples, 1,000 random specs and every stack through the real Terraform"
	@echo "make opentofu  build OpenTofu from its Go modules, so that the tests try it as well"
	@echo "make lock    pin the dependencies anew (LOCK=--upgrade: their newest versions)"

demo: setup
	@scripts/demo

test: setup browser check pytest

setup:
	@scripts/setup

browser:
	@scripts/setup-browser

check: lint types
	$(PYTHON) -m mlstage compile --check
	$(PYTHON) -m mlstage.rules.pages --check
	$(PYTHON) -m mlstage.spec.reference --check

opentofu:
	$(PYTHON) -m mlstage.offline.opentofu

lint:
	$(PYTHON) -m ruff check dsl policies tests environments programs benchmarks
	$(PYTHON) -m ruff format --check dsl policies tests environments programs benchmarks

types:
	$(PYTHON) -m mypy dsl policies tests environments programs benchmarks

pytest:
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal

bench:
	@for script in benchmarks/*.py; do echo "== $$script"; $(PYTHON) -m benchmarks.$$(basename $$script .py); done

fuzz:
	MLSTAGE_APPLY=all $(PYTHON) -m pytest tests/terraform/test_apply.py
	HYPOTHESIS_PROFILE=fuzz MLSTAGE_FUZZ=1000 $(PYTHON) -m pytest -n $(WORKERS) tests/terraform/test_random_specs.py \
		tests/emit tests/readers tests/targets/ecs tests/graph

lock:
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra pulumi --extra aws --extra plots --extra diagrams --group dev \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK) \
		--output-file requirements/dev.txt pyproject.toml
	@for peer in requirements/bench-*.in; do uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK) \
		--output-file $${peer%.in}.txt $$peer; done

clean:
	rm -rf .venv .mlstage .mypy_cache .ruff_cache .pytest_cache .hypothesis .setup.lock dist build
