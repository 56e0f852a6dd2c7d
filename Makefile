# Everything a newcomer needs: `make demo` and `make test`. Only Python ≥ 3.11 must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SERVE ?= 1
PORT ?= 8000
SIZE ?= 0

.PHONY: demo test check lint types pure bench serve lock clean

# The two stamps record which lock the environment holds; a changed lock installs again.
$(VENV)/runtime.stamp: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Turnus braucht Python >= 3.11 (gefunden: $$($(PYTHON) --version)). Mit PYTHON=/pfad/zu/python3.11 ein anderes nehmen."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/runtime.stamp requirements/test.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

demo: $(VENV)/runtime.stamp
	$(BIN)/turnus demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve,)

test: $(VENV)/test.stamp check
	$(BIN)/pytest -n 2 --dist worksteal

check: lint types

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/test.stamp
	$(BIN)/mypy

bench: $(VENV)/runtime.stamp
	for kind in mscons billing documents bank; do $(BIN)/turnus bench $$kind --size $(SIZE) || exit 1; done

serve: $(VENV)/runtime.stamp
	$(BIN)/turnus db migrate
	$(BIN)/turnus serve --port $(PORT)

# For maintainers: renew both locks (hashes, no index addresses). Needs `uv` on the path.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 pyproject.toml requirements/build.in -o requirements/runtime.txt
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --extra test pyproject.toml requirements/build.in -o requirements/test.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
