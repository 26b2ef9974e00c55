# Builds, shows and tests ropc; `make` alone says how.
#
# Tested on Linux x86-64 only. For macOS the library's name and what it links
# to are here; on Windows, cargo and CMakeLists.txt build it. GNU
# make 3.81 is enough. Paths must not contain spaces.

.DEFAULT_GOAL := help
# One step after the other: the order is that of the lists below.
.NOTPARALLEL:
SHELL := /bin/sh

# Where this file is, wherever make was started.
ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BUILD := $(ROOT)/build
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),$(ROOT)/target))
export CARGO_TARGET_DIR := $(TARGET)
CARGO := cd $(ROOT) && cargo
# With frame pointers the unwind tables are shorter: 1 % of the library. std is
# not built for size: without a limit it would be inlined as if it were small.
# The names of sources, which panics tell, say nothing of this machine.
DIST_FLAGS := -C force-frame-pointers=yes -C llvm-args=-inline-threshold=50 \
    --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src= --remap-path-prefix=$(ROOT)=
# Functions that a login runs lie side by side: 2 % of its time. Only LLD knows how,
# with which rustup's Rust links on this target since 1.90; not with RUSTFLAGS of your
# own, which may choose another linker. Asked only where it is used: what was built is
# installed without Rust.
LLD = $$(rustc --print sysroot 2>/dev/null)/lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld
ORDER = $(if $(RUSTFLAGS),,$(shell test -x "$(LLD)" && rustc -vV | awk '/^host: x86_64-unknown-linux-gnu$$/ { here = 1 } \
    /^release: 1\.(9[0-9]|[1-9][0-9][0-9])\./ { new = 1 } END { if (here && new) print \
    "-C link-arg=-Wl,--symbol-ordering-file=$(ROOT)/packaging/order.txt,--no-warn-symbol-ordering" }'))
CARGO_DIST := cd $(ROOT) && RUSTFLAGS='$(strip $(RUSTFLAGS) $(DIST_FLAGS))' cargo
PYTHON := python3

CFLAGS ?= -O2 -g
STRICT := -std=c99 -Wall -Wextra -Wpedantic -Werror -I$(ROOT)/include
APT := apt-get install -y --no-install-recommends

ifeq ($(shell uname -s),Darwin)
BUILT := libropc.dylib
SHARED := libropc.dylib
NATIVE := -framework Security -framework CoreFoundation -liconv -lSystem -lm
RPATH := -Wl,-rpath,@loader_path/../lib
GET_C := xcode-select --install
GET_GIT := $(GET_C)
GET_PYTHON := $(GET_C)
BINUTILS :=
else
BUILT := libropc.so
SHARED := libropc.so.0
# As rustc --print native-static-libs says.
NATIVE := -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
RPATH := -Wl,-rpath,'$$ORIGIN/../lib'
GET_C := $(APT) gcc libc6-dev
GET_GIT := $(APT) git
GET_PYTHON := $(APT) python3
BINUTILS := objcopy nm readelf
endif
GET_RUST := curl --proto '=https' -sSf https://sh.rustup.rs | sh

# What test-all needs besides: command (`-`: none) and Debian package.
TOOLS := chromium:chromium pkg-config:pkgconf groff:groff-base clang-19:clang-19 llvm-symbolizer-19:llvm-19 -:libclang-rt-19-dev g++:g++ cmake:cmake \
    valgrind:valgrind -:libc6-dbg strace:strace -:python3-venv node:nodejs npm:npm openssl:openssl -:libcurl4-openssl-dev \
    -:libssl-dev -:locales gdb:gdb abidiff:abigail-tools mcs:mono-mcs mono:mono-runtime love:love luajit:luajit Xvfb:xvfb godot3-server:godot3-server

# Bindings whose signatures are generated.
GENERATED := python unity love

# Of Rust: cargo formats one at a time.
WORKSPACES := . benches tests/fuzz tests/hosts/neighbour

include $(ROOT)/packaging/install.mk
include $(ROOT)/tests/checks.mk

step = @printf '==> %s\n'
# Runs a test and fails when it shows a password or token of the tests. Every test
# that signs in is run so but three: check-memory shows what it finds, in check-abi
# a program reads the wrong fields, as it must, and says what is there, and
# check-torture compares what the stand-in received, out of a program's output.
SEARCHED := $(PYTHON) $(ROOT)/tests/canary.py

.PHONY: help
help: ## lists what there is
	@echo 'ropc signs users in from native code. README.md is the way in; the targets:'
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(ROOT)/Makefile $(ROOT)/packaging/install.mk | while read -r name what; do \
	    printf '  make %-10s %s\n' "$$name" "$$what"; done

.PHONY: lib
lib: need ## builds the libraries and the stand-in server into build/
	$(step) 'shared library: build/lib/$(SHARED), its debug symbols beside it'
	@mkdir -p $(BUILD)/lib $(BUILD)/static $(BUILD)/bin
	@$(CARGO_DIST) rustc --profile dist --features dist --lib --crate-type cdylib -- $(ORDER)
ifeq ($(BUILT),libropc.so)
	@objcopy --only-keep-debug $(TARGET)/dist/$(BUILT) $(BUILD)/lib/$(SHARED).debug
	@objcopy --strip-all --add-gnu-debuglink=$(BUILD)/lib/$(SHARED).debug \
	    $(TARGET)/dist/$(BUILT) $(BUILD)/lib/$(SHARED).new
	@mv -f $(BUILD)/lib/$(SHARED).new $(BUILD)/lib/$(SHARED)
	@ln -sf $(SHARED) $(BUILD)/lib/libropc.so
else
	@cp $(TARGET)/dist/$(BUILT) $(BUILD)/lib/$(SHARED)
	@strip -x $(BUILD)/lib/$(SHARED)
endif
	$(step) 'static library: build/static/libropc.a'
	@$(CARGO) rustc --release --lib --crate-type staticlib
	@cp $(TARGET)/release/libropc.a $(BUILD)/static/libropc.a
	$(step) 'stand-in server for tests and demo: build/bin/standin'
	@$(CARGO) build --release -p standin
	@cp $(TARGET)/release/standin $(BUILD)/bin/standin.new
	@mv -f $(BUILD)/bin/standin.new $(BUILD)/bin/standin

.PHONY: examples
examples: lib ## builds the programs of examples-c, with either library
	$(step) 'C examples: build/bin/login, session, game_loop and doctor (shared), login-static and so on'
	@for one in login session game_loop doctor; do \
	    $(CC) $(CFLAGS) $(STRICT) $(ROOT)/examples-c/$$one.c -o $(BUILD)/bin/$$one \
	        -L$(BUILD)/lib -lropc $(RPATH) && \
	    $(CC) $(CFLAGS) $(STRICT) $(ROOT)/examples-c/$$one.c -o $(BUILD)/bin/$$one-static \
	        $(BUILD)/static/libropc.a $(NATIVE) || exit 1; \
	done

.PHONY: demo
demo: examples ## shows sign-ins, three failures, a session and a game at a server on this machine
	$(step) 'demo: examples-c/login.c at the stand-in server'
	@$(PYTHON) $(ROOT)/examples-c/demo.py

.PHONY: header
header: need ## writes include/ropc.h anew from src/capi
	$(step) 'header: include/ropc.h from src/capi'
	@$(PYTHON) $(ROOT)/tests/header.py --write

.PHONY: bindings
bindings: need ## writes the signatures of the bindings anew from include/ropc.h
	$(step) 'signatures of the bindings: from include/ropc.h'
	@for one in $(GENERATED); do $(PYTHON) $(ROOT)/bindings/$$one/generate.py || exit 1; done

.PHONY: docs
docs: need ## builds the site into build/docs/html
	$(step) 'site: build/docs/html/index.html'
	@$(PYTHON) $(ROOT)/docs/site/build.py

.PHONY: sbom
sbom: need ## lists what the shared library is made of, in build/ropc.cdx.json
	$(step) 'bill of materials: build/ropc.cdx.json'
	@$(PYTHON) $(ROOT)/tests/sbom.py

.PHONY: dist
dist: sbom ## makes the tarball and the Python wheel of Linux x86-64, in build/dist
	$(step) 'dist: build/dist'
	@RUSTFLAGS='$(strip $(RUSTFLAGS) $(DIST_FLAGS))' $(PYTHON) -B $(ROOT)/packaging/dist/pack.py --native '$(NATIVE)' --order='$(ORDER)'

.PHONY: dist-twice
dist-twice: dist ## makes them once more in another folder: the same bytes?
	$(step) 'dist: a second time, in build/dist-twice'
	@$(PYTHON) $(ROOT)/tests/dist.py --twice

.PHONY: fuzz
fuzz: need ## fuzzes the library, an hour in all, and keeps what it finds
	$(step) 'fuzzing: every target of tests/fuzz in turn'
	@$(PYTHON) $(ROOT)/tests/fuzz/run.py --keep

.PHONY: mutants
mutants: need-tests ## breaks the library in thousands of places: does a test notice?
	$(step) 'mutants: of src/capi and src/oauth'
	@$(PYTHON) $(ROOT)/tests/mutants/run.py --resume

.PHONY: soak
soak: lib ## half an hour of mixed load through a network that misbehaves
	$(step) 'soak: 30 minutes'
	@$(PYTHON) $(ROOT)/tests/soak/run.py

.PHONY: bench
bench: lib ## measures the library beside its peers, and writes docs/performance.md
	$(step) 'benchmark: a quarter of an hour, and some minutes more the first time'
	@$(PYTHON) $(ROOT)/benches/run.py --build $(BUILD)

.PHONY: pictures
pictures: examples ## draws the terminal of README anew: docs/pictures/demo.svg
	$(step) 'pictures: docs/pictures/demo.svg'
	@$(PYTHON) -B $(ROOT)/docs/pictures/draw.py

.PHONY: fmt
fmt: need-lint ## formats the Rust sources
	$(step) 'rustfmt'
	@for one in $(WORKSPACES); do (cd $(ROOT)/$$one && cargo fmt --all) || exit 1; done

.PHONY: clean
clean: ## removes everything that was built
	$(step) 'everything that was built is removed'
	@$(CARGO) clean --quiet
	@rm -rf $(BUILD)

.PHONY: test
test: need-lint check-format check-lint check-rust check-rust-doc check-table check-unsafe lib check-header check-symbols
test: check-bindings check-examples check-pictures check-doctor check-python check-c
test: ## tests everything that needs no further tools, in a few minutes
	$(step) 'make test: everything passed'

.PHONY: test-all
test-all: tools lib check-compilers check-abi check-guard check-sbom check-cmake check-install check-models check-hammer check-asan
test-all: check-valgrind check-memory check-torture check-fuzz check-soak check-syscalls check-flights check-budgets check-servers
test-all: check-traps check-cpp check-wheel check-unity check-love check-dist check-docs
test-all: ## the rest: sanitizers, valgrind, memory scan, other servers, every host; installs tools
	$(step) 'make test-all: everything passed'

# What has to be there. Everything that is missing is named at once, before
# anything else runs.

.PHONY: need
need:
	@missing=0; \
	want() { command -v "$$1" >/dev/null 2>&1 || { echo "$$1 is missing. Install it: $$2"; missing=1; }; }; \
	want git '$(GET_GIT)'; \
	want $(firstword $(CC)) '$(GET_C)'; \
	for tool in $(BINUTILS); do want $$tool '$(APT) binutils'; done; \
	want $(PYTHON) '$(GET_PYTHON)'; \
	want cargo "$(GET_RUST)"; \
	test $$missing = 0 || exit 1; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { \
	    echo 'Python 3.9 or newer is needed. Install it: $(GET_PYTHON)'; exit 1; }; \
	wanted=$$(sed -n 's/^rust-version = "1\.\(.*\)"/\1/p' $(ROOT)/Cargo.toml); \
	found=$$(rustc --version | sed 's/^rustc 1\.\([0-9]*\)\..*/\1/'); \
	test "$$found" -ge "$$wanted" || { \
	    echo "Rust 1.$$wanted or newer is needed, this is 1.$$found. Install it: rustup update stable"; exit 1; }

.PHONY: need-tests
need-tests: need
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'The tests need Python 3.11 or newer. Install it: $(GET_PYTHON)'; exit 1; }

.PHONY: need-lint
need-lint: need-tests
	@for part in fmt clippy; do cargo $$part --version >/dev/null 2>&1 || { \
	    echo "cargo $$part is missing. Install it: rustup component add rustfmt clippy"; exit 1; }; done

.PHONY: tools
tools: need-tests
	@missing=; for tool in $(TOOLS); do \
	    command -v "$${tool%%:*}" >/dev/null 2>&1 || dpkg -s "$${tool#*:}" >/dev/null 2>&1 || \
	    missing="$$missing $${tool#*:}"; done; \
	if test -n "$$missing"; then \
	    echo "==> tools for test-all:$$missing"; \
	    if test "$$(id -u)" != 0; then echo "Install them: sudo $(APT)$$missing"; exit 1; fi; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(APT)$$missing || exit 1; \
	fi
	@node -e "process.exit(typeof URL.parse === 'function' ? 0 : 1)" || { \
	    echo '==> tools for test-all: Node 22, as the one of Debian 12 is too old for a server'; \
	    npm install --global --silent node@22; }
	@cargo +nightly --version >/dev/null 2>&1 || { \
	    echo '==> tools for test-all: Rust nightly, for AddressSanitizer'; \
	    rustup toolchain install nightly --profile minimal; }
