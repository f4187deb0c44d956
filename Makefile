# make        the laptop scale, from nothing to results/laptop/report.html
# make test   everything that must hold before a commit
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
SCALE ?= laptop
BIN = .venv/bin
# One thread a job: jobs run side by side, and small tensors gain nothing from more.
export OMP_NUM_THREADS ?= 1

.PHONY: run smoke test lint drawings envs faults clean
run: .venv/ready
	$(BIN)/snakemake --quiet rules host reason --config scale=$(SCALE)

smoke:
	$(MAKE) run SCALE=smoke

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

test: lint
	$(BIN)/python -m pytest

# What README.md shows: the graph of the rules (needs graphviz), the report (needs chromium) and a figure of it.
drawings: run
	$(BIN)/snakemake --config scale=$(SCALE) --rulegraph dot 2>/dev/null | dot -Tsvg > docs/rules.svg
	cp results/$(SCALE)/phi4_critical/figures/pulls.svg docs/pulls_critical.svg
	cp results/$(SCALE)/complex_quartic/figures/energies.svg docs/energies_quartic.svg
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1400,1700 \
	  --screenshot=$(CURDIR)/docs/report.png file://$(CURDIR)/results/$(SCALE)/report.html

# The conda environment, from the pip lock.
envs:
	$(BIN)/python envs/write.py

# Kill, starve and truncate every rule at random, then finish: nothing may be lost.
FAULTS ?= 200
faults: .venv/ready
	$(BIN)/python tests/faults/run.py --faults $(FAULTS)

clean:
	rm -rf results logs timings checkpoints
