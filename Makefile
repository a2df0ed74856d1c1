# One command each; `make run` is for trying it, `make test` and `make check` for changing it.
SHELL := /bin/bash
PY := .venv/bin/python
N ?= 100
SEED ?= 7
SEEDS ?= 1-20
PORT ?= 8000
ASSETS := src/huhang/_assets/staticfiles.json
SOURCES := $(shell find src/huhang -path '*/static/*' -type f) $(wildcard src/huhang/locale/parts/*.po)

.PHONY: setup run test check bench torture worlds wheel format generate pictures lock clean

setup: $(ASSETS)

.venv/stamp: requirements/dev.txt pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Style, scripts and Chinese words as they are served; made again when one of them changes.
$(ASSETS): .venv/stamp $(SOURCES)
	@$(PY) tools/messages.py compile
	@HUHANG_HOME=$$(mktemp -d) $(PY) manage.py collectstatic --noinput --clear -v 0
	@touch $@

run: setup
	@.venv/bin/huhang run --port $(PORT)

test: setup
	@bash tools/test_prerequisites.sh
	@mkdir -p var
	@echo 'PostgreSQL and the journeys beside it; what they say comes after what SQLite says'
	@{ $(PY) -m pytest --database postgresql -m "not browser and not slow"; one=$$?; \
	  $(PY) -m pytest --database sqlite -m browser; exit $$(( one || $$? )); } > var/beside.log 2>&1 & other=$$!; \
	$(PY) -m pytest --database sqlite -m "not browser"; one=$$?; \
	wait $$other; two=$$?; cat var/beside.log; exit $$(( one || two ))

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) tools/generate.py --check
	$(PY) tools/papers.py --check
	@HUHANG_HOME=$$(mktemp -d) $(PY) manage.py makemigrations --check --dry-run
	@HUHANG_HOME=$$(mktemp -d) HUHANG_HTTPS=1 $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) tools/messages.py check

generate: setup
	$(PY) tools/papers.py
	$(PY) tools/generate.py

format: setup
	.venv/bin/ruff check --fix --quiet .
	.venv/bin/ruff format --quiet .

pictures: setup
	$(PY) -m pytest tests/journeys -k "keys or english or dashboard" --screens var/screens
	$(PY) tools/pictures.py
	$(PY) tools/paper_pictures.py

bench: setup
	$(PY) -m bench

torture: setup
	$(PY) -m tests.torture --kills $(N) --seed $(SEED)

worlds: setup
	$(PY) -m tests.worlds --seeds $(SEEDS)

wheel: setup
	$(PY) -m build --wheel --no-isolation

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf .venv dist src/huhang/_assets
