PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
# Snakemake needs bash too.
SHELL = bash
.SHELLFLAGS = -o pipefail -c
EXPERIMENTS = $(basename $(notdir $(wildcard config/experiments/*.yaml)))
# One thread a job: jobs run side by side, and small tensors gain nothing from more.
export OMP_NUM_THREADS ?= 1

.PHONY: run laptop smoke paper list help test lint docs notebooks drawings envs faults clean $(EXPERIMENTS)
run: .venv/ready ## the tour: one experiment for each kind of physics, to results/tour/report.html; SCALE=... for another scale
	@$(BIN)/emulant run --scale $(or $(SCALE),tour)

laptop: ## every experiment with real physics at L = 16
smoke: ## every experiment in minutes; nothing is learned well
paper: ## every experiment at the published size, on a GPU
laptop smoke paper:
	@$(MAKE) --no-print-directory run SCALE=$@

$(EXPERIMENTS): .venv/ready ## (its name) one experiment at laptop scale, SCALE=... for another; make list names them
	@$(BIN)/emulant run $@ --scale $(or $(SCALE),laptop)

list: .venv/ready ## the experiments, a sentence each
	@$(BIN)/emulant list

help: ## this list
	@awk -F ' *:[^#]*## ' '/^[$$a-z].*:.*## / {sub(/\$$\(EXPERIMENTS\)/, "NAME", $$1); printf "make %-12s %s\n", $$1, $$2}' Makefile

# pip says what it does: on a slow line this is minutes.
.venv/ready: requirements.lock pyproject.toml setup.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@echo "Installing into .venv, 2 GB: a minute or two on a fast line, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -r requirements.lock \
	  | awk '/^Collecting|^Downloading|^  Downloading/ {printf "  %s\n", substr($$0, 1, 100); fflush()} \
	    /^Installing/ {print "  Writing what was collected ..."; fflush()}'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lint: .venv/ready ## style of the code and of the rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

# A file is one worker's: what its tests share is made once. A worker that died is not replaced: its hang was the failure.
test: lint ## everything that must hold before a commit
	$(BIN)/python -m pytest -m "not serial" --numprocesses auto --dist loadfile --no-loadscope-reorder \
	  --max-worker-restart 0 --durations 15
	$(BIN)/python -m pytest -m serial --durations 15

.venv-docs/ready: docs/requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@echo "Installing Sphinx into .venv-docs, 130 MB."
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.lock
	@touch $@

docs: .venv/ready .venv-docs/ready ## the site, to docs/_build/index.html; a broken link or reference fails
	$(BIN)/python docs/pages.py
	.venv-docs/bin/python -m sphinx -q -E -W --keep-going -b html docs docs/_build

# Needs graphviz for the graph of the rules, chromium for the report.
drawings: SCALE = laptop
drawings: run ## the pictures of README.md
	$(BIN)/snakemake --config scale=$(SCALE) --rulegraph dot 2>/dev/null | dot -Tsvg > docs/rules.svg
	cp results/$(SCALE)/phi4_critical/figures/pulls.svg docs/pulls_critical.svg
	cp results/$(SCALE)/complex_quartic/figures/energies.svg docs/energies_quartic.svg
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1400,1700 \
	  --screenshot="$(CURDIR)/docs/report.png" "file://$(CURDIR)/results/$(SCALE)/report.html"

envs: ## the conda environment, from the pip lock
	$(BIN)/python envs/write.py

FAULTS ?= 200
MUTATIONS ?= 2000
faults: .venv/ready ## kill, starve and truncate every rule at random, then finish: nothing may be lost; import damaged files
	$(BIN)/python tests/faults/run.py --faults $(FAULTS)
	$(BIN)/python -m tests.mutations.run --files $(MUTATIONS)

clean: .venv/ready ## remove what was computed: NAME=... of an experiment, SCALE=... of a scale, ALL=1 everything
	@$(BIN)/emulant clean $(NAME) $(if $(SCALE),--scale $(SCALE)) $(if $(ALL),--all)
