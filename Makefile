# Two commands do everything on a fresh Debian 12: make demo, make test.
SHELL := /bin/bash

.PHONY: test
test: packages
	cmake --preset release
	cmake --build --preset release
	ctest --preset release

.PHONY: packages
packages:
	scripts/install-packages
