# Set up, open, test and check gmemviz. Needs python3 (3.11 or later), python3-venv and make; never root.
.DEFAULT_GOAL := help
.PHONY: help setup lab talk test check lint types notebooks facts judged kernels recordings confirmed reports golden
.PHONY: fuzz-designs mutants site
.PHONY: bench bench-browser bench-extract bench-model clean fuzz power

PYTHON ?= python3
VENV ?= .venv
LAB_ARGS ?=
TEST_ARGS ?=
# As many tests at once as there are processors; TEST_ARGS="-n 0" runs them one by one.
BESIDE := --numprocesses logical --dist worksteal

EXTRAS ?= lab,test,dev,talk
RUN := $(VENV)/bin/python -m
AS_ROOT := $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)
START := notebooks/00_start_here.ipynb

help: ## print this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## install everything into .venv; does nothing when it is there
	@$(PYTHON) scripts/install.py '$(VENV)' '$(EXTRAS)'

lab: setup ## open JupyterLab on the first notebook; LAB_ARGS="--no-browser --port N" is passed on
	@$(RUN) jupyterlab $(AS_ROOT) --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/$(START) $(LAB_ARGS)

talk: setup ## write the talk: out/talk/talk.html, slides that need no network, and talk.pdf (Chromium)
	@$(RUN) scripts.talk

test: setup ## run all tests, side by side; TEST_ARGS="-k NAME" is passed on
	@$(RUN) pytest $(BESIDE) $(TEST_ARGS)

check: lint types test ## lint, types and tests

lint: setup ## ruff: lint and format
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .

types: setup ## mypy
	@$(RUN) mypy

notebooks: setup ## execute the notebooks in place
	@$(RUN) scripts.notebooks

fuzz-designs: setup ## check 5,000 Designs made up by chance; GMEMVIZ_SEED=N makes others
	@GMEMVIZ_DESIGNS=$(or $(GMEMVIZ_DESIGNS),5000) GMEMVIZ_SMALL_DESIGNS=$(or $(GMEMVIZ_SMALL_DESIGNS),1000) \
		$(RUN) pytest $(BESIDE) tests/fuzz tests/oracles/test_small_language.py

facts: setup ## make the shipped facts and verdicts anew from Debian's source packages (450 MB)
	@$(RUN) scripts.facts

judged: setup ## search every filesystem of the shipped kernels anew, for the census (2 minutes)
	@$(RUN) scripts.judged

kernels: setup ## fetch the kernels to record on, as Debian packages with headers (190 MB); installs nothing
	@$(RUN) gmemviz kernels fetch $(KERNEL)

recordings: setup ## make the shipped recordings anew; needs QEMU, gcc and make kernels
	@$(RUN) scripts.recordings

confirmed: setup ## let real kernels judge the matrix anew; needs QEMU, gcc and make kernels (half an hour)
	@$(RUN) scripts.confirmed $(KERNEL)

reports: setup ## make the shipped probe reports anew: this machine's, or KERNEL=7.3 in QEMU
	@$(RUN) scripts.reports $(KERNEL)

golden: setup ## rewrite the golden files in tests/golden
	@$(RUN) pytest --golden $(TEST_ARGS)

site: override EXTRAS := $(EXTRAS),docs
site: setup ## write the site into out/site: playground, gallery, recordings, docs; needs npm the first time
	@$(RUN) scripts.site

bench: setup ## measure what the README claims
	@$(RUN) benchmarks

power: setup ## measure how many changed recordings and wrong models are refused (20 minutes)
	@$(RUN) benchmarks bench_power
	@$(RUN) benchmarks bench_wrong_models

bench-browser: setup ## measure exported pages, the talk and the notebooks; needs Chromium
	@$(RUN) benchmarks bench_page
	@$(RUN) benchmarks bench_nbval

bench-extract: setup ## measure the extractor against its peers; TREE=folder of a kernel tree
	@$(RUN) benchmarks bench_extract $(TREE)
	@$(RUN) benchmarks bench_files $(TREE)
	@$(RUN) benchmarks bench_peers $(TREE)

fuzz: setup ## read every filesystem of a tree with damaged statements, ROUNDS times; TREE=folder
	@GMEMVIZ_TREE=$(TREE) GMEMVIZ_FUZZ_ROUNDS=$(or $(ROUNDS),1) GMEMVIZ_REQUIRE=kernel_tree \
		$(RUN) pytest -q -n 0 tests/extract/deeds/test_damage.py

mutants: setup ## break filesystems of 6.12 one statement at a time and keep what is said; TREE=folder
	@$(RUN) scripts.mutants $(TREE)

bench-model: setup ## measure the model, and SPIN on the same questions; needs spin and gcc
	@$(RUN) benchmarks bench_model

clean: ## remove .venv and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist out
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
