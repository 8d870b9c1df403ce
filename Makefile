# make demo: the whole study on synthetic speech. make test: all tests. Both install what they need.

PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
TOY := resources/toy/README.txt
REHEARSAL := resources/rehearsal/README.txt
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock

.PHONY: demo test test-avx2 torture browser cluster wheel mutants bench load rehearsal lint format lock audit-dependencies docs citation clean

demo: .venv/installed $(TOY)
	@env -u NNPM_CORPORA_DIR $(BIN)/snakemake --cores $(CORES) --configfile config/toy.yaml --logger nnpm
	@printf '%s\n' "" "The study is complete. Open results/toy/report.html, or look at" \
	  "  tables   results/toy/tables/table1.md, table2.md, table3.md (and .csv, .tex), audit.md (and .csv)" \
	  "  figure   results/toy/figures/figure2.png (and .svg, .csv)" \
	  "  runs     results/toy/metrics.csv"

test: .venv/installed
	@env -u NNPM_CORPORA_DIR $(BIN)/pytest -n 2

# The tests that compute, as a processor without AVX-512 computes; fewer of them: make test-avx2 ROOMS=training.
ROOMS := features model methods evaluation training prediction
test-avx2: .venv/installed
	@env -u NNPM_CORPORA_DIR ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 $(BIN)/pytest -n 2 $(ROOMS:%=tests/unit/%)

# Studies under the real Snakemake that are killed, run out of resources, are moved or get bad files: docs/testing.md.
torture: .venv/installed
	@env -u NNPM_CORPORA_DIR $(BIN)/pytest -n 2 tests/torture

# The report and the page of predictions in a real Chromium: console, keyboard, phone screen, print, accessibility (axe).
browser: .venv/installed
	@$(BIN)/python -c 'import axe_playwright_python, selenium' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement tests/browser/requirements.txt
	@env -u NNPM_CORPORA_DIR $(BIN)/pytest tests/browser

# Studies on a real one-node Slurm, started for the tests, and on a storage: docs/testing.md. Needs slurm-wlm, munge, rsync.
cluster: .venv/installed
	@$(INSTALL) --editable '.[cluster]'
	@env -u NNPM_CORPORA_DIR $(BIN)/pytest -rs tests/cluster

# The package as people install it: a wheel, in an empty environment without the study's packages, labels a folder.
wheel: $(TOY)
	@rm -rf build dist .venv-wheel && $(PYTHON) -m venv .venv-wheel
	@.venv-wheel/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@.venv-wheel/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock dist/*.whl
	@.venv-wheel/bin/python -c 'import sys; from importlib.util import find_spec; sys.exit(any(map(find_spec, ("torch", "snakemake"))) and "PyTorch or Snakemake is installed")'
	@cd dist && ../.venv-wheel/bin/nnpm predict --html labels.html --output labels.csv ../resources/toy/urdu
	@test $$(wc -l < dist/labels.csv) -gt 10 && echo "The wheel works: $$(du -sm .venv-wheel | cut -f1) MB installed"

# Mutation testing: do the tests notice some 1,700 small changes in the formulas? docs/testing.md.
# One module: make mutants MODULES=model/objectives.
mutants: .venv/installed
	@$(BIN)/python -c 'import mutmut' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps mutmut==3.8.1 libcst==1.9.0
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants $(MODULES)

# Synthetic corpora as large as the paper's (1.4 GB), to time its study: see config/rehearsal.yaml.
rehearsal: $(REHEARSAL)

# Measures every claim about speed and memory: docs/benchmarks/table.md. Use a machine that runs nothing else.
bench: .venv/installed
	@env -u NNPM_CORPORA_DIR $(BIN)/python -W ignore -m benchmarks docs/benchmarks/table.md

# The workflow on a source that pools 100,000 utterances of ten corpora: needs 1 GB of disk while it runs.
load: .venv/installed
	@$(BIN)/python -W ignore -m benchmarks.load

lint: .venv/installed
	$(BIN)/ruff check scripts tests benchmarks docs
	$(BIN)/ruff format --check scripts tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/snakefmt --check workflow
	$(BIN)/snakemake --lint

format: .venv/installed
	$(BIN)/ruff check --fix scripts tests benchmarks docs
	$(BIN)/ruff format scripts tests benchmarks docs
	$(BIN)/snakefmt workflow

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11, 3.12 or 3.13 is needed; call make with PYTHON=/path/to/python3.13")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@# PyPI's build of PyTorch brings gigabytes of CUDA; PyTorch's own index has one without, if it can be reached.
	@if [ "$$(uname)" = Linux ] && ! command -v nvidia-smi > /dev/null; then \
	  if $(INSTALL) --retries 0 --timeout 15 --no-deps --index-url https://download.pytorch.org/whl/cpu torch 2> /dev/null; \
	  then echo "No NVIDIA GPU is seen: PyTorch without CUDA is installed"; \
	  else echo "No NVIDIA GPU is seen, but download.pytorch.org does not answer: PyTorch is taken from PyPI"; fi; fi
	$(INSTALL) --editable '.[dev]'
	# Fill the cache of code that numba compiles for librosa: processes that fill it at the same time could crash.
	$(BIN)/python -c 'import numpy; from nnpm.features.functionals import functionals; functionals(numpy.ones(9999, "f4"), 16000)'
	@touch $@

$(TOY): $(wildcard scripts/nnpm/toy/*.py) | .venv/installed
	$(BIN)/python -m nnpm.toy resources/toy

$(REHEARSAL): $(wildcard scripts/nnpm/toy/*.py) | .venv/installed
	$(BIN)/python -m nnpm.toy resources/rehearsal --size paper

# Install the newest releases that pyproject.toml allows into a fresh environment, and lock their versions.
lock:
	rm -rf .venv && $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet torch==2.13.0 --editable '.[dev,docs,cluster]'
	{ sed -n '/^#/p' requirements.lock; $(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//'; } > requirements.new
	mv requirements.new requirements.lock

# Ask PyPI which locked versions have known vulnerabilities; an unknown package fails as well.
audit-dependencies:
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip --requirement requirements.lock

# The documentation as a site, docs/_build/html/index.html, after its generated parts are refreshed.
docs: $(TOY)
	@$(INSTALL) --editable '.[docs]'
	@$(BIN)/python docs/refresh.py
	@rm -rf docs/api
	@$(BIN)/sphinx-build --fail-on-warning --nitpicky --keep-going --quiet --conf-dir docs . docs/_build/html
	@cp docs/_build/html/README.html docs/_build/html/index.html

# Validate CITATION.cff; the validator needs an old jsonschema, and so a separate environment.
citation:
	@test -x .venv-citation/bin/python || $(PYTHON) -m venv .venv-citation
	.venv-citation/bin/python -m pip install --quiet --disable-pip-version-check cffconvert==2.0.0
	.venv-citation/bin/cffconvert --validate

clean:
	rm -rf results/toy resources/toy
