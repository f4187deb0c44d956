PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
SCALE ?= tour
BIN = .venv/bin
# One thread a job: jobs run side by side, and small tensors gain nothing from more.
export OMP_NUM_THREADS ?= 1

.PHONY: run laptop smoke paper help test lint drawings envs faults clean
run: .venv/ready ## the tour: one experiment for each kind of physics, to results/tour/report.html; SCALE=... for another scale
	$(BIN)/snakemake --quiet rules host reason --config scale=$(SCALE)

laptop: ## every experiment with real physics at L = 16, an hour or less on two cores
smoke: ## every experiment in minutes; nothing is learned well
paper: ## every experiment at the published size, on a GPU
laptop smoke paper:
	$(MAKE) run SCALE=$@

help: ## this list
	@awk -F ' *:[^#]*## ' '/^[a-z].*:.*## / {printf "make %-20s %s\n", $$1, $$2}' Makefile

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

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

clean: ## remove everything that was computed
	rm -rf results logs timings checkpoints
