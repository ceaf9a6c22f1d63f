# make book     the whole study, then the site of what came out (PROFILE=quick CORES=all SEEDS= FRESH=)
# make test     the tests
# make setup    the environment alone
# make cuda-check  on a machine with CUDA: what only it can show, then how fast it trains (OUT=cuda.csv)
# make slurm-check  as root: the workflow on a real SLURM of one node (Debian's slurm-wlm and munge)
# make pdf      the report as one PDF, which the site then offers (BOOK=book, or _build/book: the last run's)
# make publish  make the last run of `make book` the published one
# make rooms    the picture of the rooms in CONTRIBUTING.md; needs graphviz
# make check    lint, format, types, and which room imports from which

PYTHON ?= $(shell command -v python3.11 || command -v python3)
CORES ?= all
PROFILE ?= quick
SEEDS ?=
FRESH ?=
BOOK ?= book
BIN := .venv/bin
OUT ?= cuda.csv
# So many jobs start at once on this machine's first GPU: 8 GB for each, and at least one. None without a GPU.
GPU_JOBS ?= $(shell nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits 2>/dev/null | \
	awk 'NR == 1 {n = int($$1 / 8000); print n ? n : 1}')
CONFIG = $(if $(SEEDS),seeds=$(SEEDS)) $(if $(GPU_JOBS),gpu=1)

.PHONY: setup book test cuda-check slurm-check pdf publish rooms check lock notebooks

setup: .venv/.done

.venv/.done: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v < (3, 11) and f"Python 3.11 is needed, $(PYTHON) is {v[0]}.{v[1]}: install it, or say make PYTHON=/path/to/python3.11")'
	@echo "Installing the packages of requirements.lock into .venv: 6 GB, most of it torch ..."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

book: setup
	$(if $(wildcard profiles/$(PROFILE).yaml),,$(error there is no profile $(PROFILE): give one of $(basename $(notdir $(wildcard profiles/*.yaml))) as PROFILE))
	$(if $(FRESH),MWT_FRESH=1) $(BIN)/python -m mwt.support.alone .snakemake/make.lock $(BIN)/snakemake --nolock --cores $(CORES) --quiet rules --rerun-incomplete $(if $(FRESH),--forceall) $(FLAGS) --configfile profiles/$(PROFILE).yaml $(if $(GPU_JOBS),--resources gpu=$(GPU_JOBS)) $(if $(strip $(CONFIG)),--config $(CONFIG))
	@echo "The site: _build/html/index.html"

# A test uses one core: two halves that take about as long run side by side.
HALF := tests/book tests/surgery
test: setup
	@log=$$(mktemp); $(BIN)/pytest $(HALF) > $$log 2>&1 & half=$$!; \
	$(BIN)/pytest $(HALF:%=--ignore=%); failed=$$?; \
	wait $$half || failed=1; cat $$log; rm $$log; exit $$failed

# Without the environment of `make setup`, with a Python that has torch and the other packages.
CHECK := $(or $(wildcard $(BIN)/python),$(PYTHON))
cuda-check:
	@$(CHECK) -c 'import sys, torch; sys.exit(None if torch.cuda.is_available() else "torch finds no CUDA device here: run this on a machine that has one.")'
	$(CHECK) -m pytest -m cuda $$(grep -rlE "DEVICES|mark.cuda" tests --include=test_*.py)
	$(CHECK) benchmarks/device.py $(OUT) resnet18 --device cuda --compile

slurm-check: setup
	$(BIN)/python cluster/prove.py

pdf: setup
	$(BIN)/python -m mwt.report.pdf $(BOOK)
	@echo "The report: $(BOOK)/_static/mwt-report.pdf"

publish: setup
	$(BIN)/python -m mwt.report.publish results/$(PROFILE)

rooms: setup
	$(BIN)/import-linter drawgraph mwt | tred | dot -Tsvg > book/_static/rooms.svg

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Rewrite the lock with the newest releases that fit; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --all-extras --no-annotate --no-header --generate-hashes \
		--upgrade pyproject.toml --output-file requirements.lock

# Carry changes of notebooks/*.py over to the .ipynb beside them.
notebooks: setup
	$(BIN)/jupytext --to ipynb --update notebooks/*.py notebooks/walks/*.py sweeps/*.py
