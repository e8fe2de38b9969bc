# Two commands do everything on a fresh Debian 12: make demo, make test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
JOBS := 2
FUZZ_SECONDS := 60
SEEDS := 1000
# A test binary exists for each library that has tests.
with_tests = $(foreach l,$(1),$(if $(wildcard tests/cpp/$(l)/*_test.cpp),$(l)))
CHECKED := $(call with_tests,common protocol record log network zookeeper replication controller simulation)
DIGESTS := cpp/simulation/simulation_digests
THREADED := $(call with_tests,runtime purgatory network log_threads)
CPP_FILES = $(shell git ls-files '*.h' '*.cpp')
empty :=
space := $(empty) $(empty)
one_of = ^($(subst $(space),|,$(strip $(1))))$$

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: test
test: install test-cpp test-python test-interop test-asan test-tsan test-fuzz ## Everything that is tested
	@echo "all tests passed"

.PHONY: packages
packages: ## Debian packages that are missing
	scripts/install-packages

# The tools and test clients of pyproject.toml's dev group.
$(VENV)/tools: pyproject.toml | packages
	test -x $(PYTHON) || python3 -m venv $(VENV)
	$(PYTHON) -m pip install -q --upgrade pip
	$(PYTHON) -m pip install -q --group dev
	touch $@

# One build serves ctest and Python: pip builds in the release preset's folder.
.PHONY: install
install: packages $(VENV)/tools ## Build everything and install the package into .venv
	cmake --preset release -DKAFKASCOPE_BUILD_PYTHON=ON -DPython_EXECUTABLE=$(abspath $(PYTHON))
	cmake --build --preset release -j $(JOBS)
	$(PYTHON) -m pip install -q --no-build-isolation -C build-dir=build/release \
	  -C cmake.define.KAFKASCOPE_BUILD_TESTS=ON .

# auditwheel copies in what Debian packages brought, and names the oldest glibc that will do.
.PHONY: wheel
wheel: install ## A self-contained wheel in dist/: needs neither compiler nor Debian packages
	rm -rf dist build/wheel
	$(PYTHON) -m pip wheel -q --no-deps --no-build-isolation -C build-dir=build/release \
	  -C cmake.define.KAFKASCOPE_BUILD_TESTS=ON -w build/wheel .
	PATH="$(abspath $(VENV))/bin:$$PATH" $(PYTHON) -m auditwheel repair --strip -w dist \
	  build/wheel/*.whl > build/wheel/auditwheel.log 2>&1 || { cat build/wheel/auditwheel.log; exit 1; }
	@ls dist/*.whl

.PHONY: notebooks
notebooks: install ## Run the notebooks and keep their outputs
	$(PYTHON) scripts/notebooks

.PHONY: demo
demo: install ## Every flight of 2013 through a broker and back
	$(VENV)/bin/kafkascope demo

.PHONY: bench
bench: install ## Beside Apache Kafka, confluent-kafka and kafka-python
	$(PYTHON) tests/benchmarks/broker_bench.py
	$(PYTHON) tests/benchmarks/client_bench.py
	$(PYTHON) tests/benchmarks/log_bench.py
	$(PYTHON) tests/benchmarks/results.py

.PHONY: test-cpp test-python test-interop test-asan test-tsan test-fuzz
test-cpp: install ## C++ unit tests and the fuzz corpus, release build
	ctest --preset release -j $(JOBS)

test-python: install wheel ## Python tests and the house test
	$(PYTHON) -m pytest -q

test-interop: install ## Clients and an Apache Kafka that others wrote
	$(PYTHON) -m pytest -q tests/interop

test-asan: install ## Parsers and simulation under AddressSanitizer; debug and release traces are equal
	cmake --preset asan
	cmake --build --preset asan -j $(JOBS) --target $(addsuffix _test,$(CHECKED)) simulation_digests
	ctest --preset asan -R '$(call one_of,$(CHECKED))'
	diff <(build/release/$(DIGESTS) 50) <(build/asan/$(DIGESTS) 50)

test-tsan: packages ## Threads under ThreadSanitizer
	cmake --preset tsan
	cmake --build --preset tsan -j $(JOBS) --target $(addsuffix _test,$(THREADED))
	ctest --preset tsan -R '$(call one_of,$(THREADED))'

test-fuzz: packages ## Five seconds of each fuzzer, from the saved corpus
	scripts/fuzz 5

.PHONY: sim
sim: install ## SEEDS=1000 runs full of faults of one broker, with and without syncs, and of a cluster; all invariants on
	build/release/cpp/simulation/simulation_explore 1 $(SEEDS) 2>/dev/null
	build/release/cpp/simulation/simulation_explore 1 $(SEEDS) unsynced 2>/dev/null
	$(VENV)/bin/kafkascope simulate --seeds $(SEEDS)

.PHONY: crashes
crashes: install ## A crash before every change of the disk, times five ways to lose what was not synced
	KAFKASCOPE_CRASH_STRIDE=1 build/release/cpp/log/log_test --gtest_filter='CrashBoundaries*'

.PHONY: fuzz
fuzz: packages ## FUZZ_SECONDS=60 of each fuzzer; new inputs are kept in tests/fuzz/corpus
	scripts/fuzz --save $(FUZZ_SECONDS)

.PHONY: format
format: $(VENV)/tools ## Format C++, Python and CMake
	$(VENV)/bin/clang-format -i $(CPP_FILES)
	$(VENV)/bin/ruff format -q python tests/python
	$(VENV)/bin/ruff check -q --fix-only python tests/python

.PHONY: check
check: $(VENV)/tools ## Formatters and linters, changing nothing; the house test
	$(VENV)/bin/clang-format --dry-run -Werror $(CPP_FILES)
	$(VENV)/bin/ruff format -q --check python tests/python
	$(VENV)/bin/ruff check -q python tests/python
	$(VENV)/bin/mypy
	$(VENV)/bin/typos
	$(PYTHON) -m pytest -q tests/python/test_house.py

.PHONY: tidy
tidy: $(VENV)/tools ## clang-tidy on the C++ files that differ from main
	cmake --preset debug
	git diff --name-only main -- '*.cpp' | xargs -r $(VENV)/bin/clang-tidy -p build/debug --quiet

.PHONY: clean
clean: ## Remove what was built
	rm -rf build dist
