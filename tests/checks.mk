# The parts of `test` and of `test-all`. The Makefile includes this file, and has
# their order.

# The parts of `test`.

.PHONY: check-format
check-format:
	$(step) 'format: cargo fmt --check'
	@for one in $(WORKSPACES); do (cd $(ROOT)/$$one && cargo fmt --all --check) || exit 1; done

.PHONY: check-lint
check-lint:
	$(step) 'lints: cargo clippy, warnings are errors'
	@$(CARGO) clippy --workspace --all-targets -- -D warnings

.PHONY: check-rust
check-rust:
	$(step) 'Rust tests: cargo test'
	@$(SEARCHED) --prove
	@cd $(ROOT) && $(SEARCHED) --brief cargo test --workspace -- --nocapture

.PHONY: check-rust-doc
check-rust-doc: need
	$(step) 'Rust documentation: cargo doc, warnings are errors'
	@cd $(ROOT) && RUSTDOCFLAGS='-D warnings' cargo doc --quiet --no-deps -p ropc

.PHONY: check-table
check-table:
	$(step) 'docs/reliability.md: every row has a test, every test a row'
	@$(PYTHON) $(ROOT)/tests/reliability.py --check

.PHONY: check-unsafe
check-unsafe:
	$(step) 'unsafe code: where it may be, and as docs/unsafe.md counts it'
	@$(PYTHON) $(ROOT)/tests/unsafe.py

.PHONY: check-header
check-header: need
	$(step) 'header: as src/capi generates it, and compiles alone'
	@$(PYTHON) $(ROOT)/tests/header.py
	@compilers=$(CC); for one in gcc clang; do \
	    if command -v $$one >/dev/null 2>&1; then compilers="$$compilers $$one"; fi; done; \
	    $(PYTHON) $(ROOT)/tests/header.py --compile $$compilers

.PHONY: check-symbols
check-symbols: lib
	$(step) 'interface: exported symbols, structs and numbers are those of tests/symbols.txt'
	@$(PYTHON) $(ROOT)/tests/symbols.py

.PHONY: check-bindings
check-bindings: need
	$(step) 'bindings: their signatures are those of include/ropc.h'
	@for one in $(GENERATED); do $(PYTHON) $(ROOT)/bindings/$$one/generate.py --check || exit 1; done

.PHONY: check-examples
check-examples: examples
	$(step) 'examples: login, a session and a game from C, shared and static; login from Python'
	@$(SEARCHED) $(ROOT)/tests/examples.py $(BUILD)/bin/login $(BUILD)/bin/login-static $(ROOT)/examples-c/login.py \
	    $(BUILD)/bin/session $(BUILD)/bin/session-static $(BUILD)/bin/game_loop $(BUILD)/bin/game_loop-static
	$(step) 'demo: runs and tells the truth'
	@$(SEARCHED) $(ROOT)/examples-c/demo.py > $(BUILD)/demo.txt
	$(step) 'pages: their C and Python, and the head of ropc.h, compiled and run'
	@$(SEARCHED) $(ROOT)/tests/snippets.py --languages c,python

.PHONY: check-pictures
check-pictures: check-examples
	$(step) 'pictures: the terminal shows what the demo prints'
	@$(PYTHON) -B $(ROOT)/tests/pictures.py

.PHONY: check-doctor
check-doctor: examples
	$(step) 'doctor: finds what is wrong with a server, a proxy, a clock, an application or an account'
	@$(SEARCHED) $(ROOT)/tests/doctor.py $(BUILD)/bin/doctor $(BUILD)/bin/doctor-static

.PHONY: check-python
check-python: lib
	$(step) 'Python: the library through ctypes'
	@$(SEARCHED) $(PYTHON) -m unittest discover -s $(ROOT)/tests/python

.PHONY: check-c
check-c: lib
	$(step) 'C programs, shared and static'
	@$(SEARCHED) $(ROOT)/tests/c/run.py

# The parts of `test-all`.

.PHONY: check-compilers
check-compilers: tools
	$(step) 'header: gcc and clang, C99 and C++11'
	@$(PYTHON) $(ROOT)/tests/header.py --strictly --compile gcc clang-19

.PHONY: check-abi
check-abi: lib tools
	$(step) 'interface: programs and shims of each recorded release'
	@$(PYTHON) $(ROOT)/tests/abi/run.py

.PHONY: check-guard
check-guard: need
	$(step) 'panics: planted in every exported function, and none leaves the library'
	@$(PYTHON) $(ROOT)/tests/guard.py

.PHONY: check-sbom
check-sbom: lib
	$(step) 'bill of materials: is what cargo builds'
	@$(PYTHON) $(ROOT)/tests/sbom.py --check

.PHONY: check-cmake
check-cmake: lib tools
	$(step) 'CMake: the examples with the shared library and the static one'
	@for how in shared static,-DROPC_STATIC=ON; do \
	    folder=$(BUILD)/cmake/$${how%%,*} options=; \
	    case $$how in *,*) options=$${how#*,};; esac; \
	    cmake --log-level=WARNING -S $(ROOT)/examples-c -B $$folder -DROPC_TARGET_DIR=$(TARGET) $$options && \
	    env -u MAKEFLAGS -u MAKELEVEL cmake --build $$folder || exit 1; \
	done
	@cd $(BUILD)/cmake && $(SEARCHED) $(ROOT)/tests/examples.py shared/login shared/session shared/game_loop \
	    static/login static/session static/game_loop

.PHONY: check-install
check-install: lib tools
	$(step) 'install: sign-ins by hand, pkg-config, find_package and add_subdirectory; moved, staged, removed; man page'
	@$(SEARCHED) $(ROOT)/tests/install.py

.PHONY: check-docs
check-docs: lib tools docs
	$(step) 'pages: every snippet in every language, and the lines that compile and link'
	@$(SEARCHED) $(ROOT)/tests/snippets.py
	$(step) 'site: links, names, symbols, widths in a browser'
	@$(PYTHON) $(ROOT)/tests/docs.py

.PHONY: check-dist
check-dist: lib tools dist
	$(step) 'dist: the tarball, the wheels and the crate, as a user takes them'
	@$(SEARCHED) $(ROOT)/tests/dist.py

.PHONY: check-models
check-models: need
	$(step) 'models: requests, workers, cancel, shutdown and sessions in every order, and planted faults found'
	@$(PYTHON) $(ROOT)/tests/models.py

.PHONY: check-hammer
check-hammer: need
	$(step) 'sessions: two processes with 16 threads each through 1,000 expiries'
	@cd $(ROOT) && ROPC_TEST_EXPIRIES=1000 $(SEARCHED) --brief cargo test --test session_hammer -- --nocapture
	$(step) 'sessions: a process that refreshes, killed 500 times'
	@cd $(ROOT) && ROPC_TEST_KILLS=500 $(SEARCHED) --brief cargo test --test session_kills -- --nocapture

.PHONY: check-asan
check-asan: lib tools
	$(step) 'C programs under AddressSanitizer and UndefinedBehaviorSanitizer'
	@$(SEARCHED) $(ROOT)/tests/c/run.py --asan
	$(step) 'traps of hosts under AddressSanitizer, those that it leaves as they are'
	@$(SEARCHED) $(ROOT)/tests/hosts/run.py --asan

.PHONY: check-valgrind
check-valgrind: lib tools
	$(step) 'C programs under valgrind'
	@$(SEARCHED) $(ROOT)/tests/c/run.py --valgrind

.PHONY: check-memory
check-memory: lib tools
	$(step) 'memory and core dumps: no copy of a password, secret or dead token is left'
	@$(PYTHON) $(ROOT)/tests/c/scan.py

.PHONY: check-torture
check-torture: lib tools
	$(step) 'torture: every system call and every allocation fails once'
	@$(PYTHON) $(ROOT)/tests/torture/run.py

.PHONY: check-fuzz
check-fuzz: need
	$(step) 'fuzzing: what was found before, and the corpora'
	@$(SEARCHED) $(ROOT)/tests/fuzz/run.py --replay

.PHONY: check-soak
check-soak: lib tools
	$(step) 'soak: 45 seconds of mixed load through a network that misbehaves'
	@$(SEARCHED) $(ROOT)/tests/soak/run.py --minutes 0.75

.PHONY: check-syscalls
check-syscalls: lib tools
	$(step) 'system calls of a warm login, and of polls'
	@$(SEARCHED) $(ROOT)/tests/c/syscalls.py

.PHONY: check-flights
check-flights: lib tools
	$(step) 'flights of a login: cold, warm and after connecting ahead, beside libcurl'
	@$(SEARCHED) $(ROOT)/tests/flights.py

.PHONY: check-budgets
check-budgets: lib tools
	$(step) 'budgets: what a login, a token and a poll cost has not grown'
	@$(SEARCHED) $(ROOT)/tests/budgets.py

.PHONY: check-servers
check-servers: lib tools
	$(step) 'servers that nobody here wrote: sign-ins, tokens, sessions'
	@$(SEARCHED) $(ROOT)/tests/servers/run.py

.PHONY: check-traps
check-traps: lib tools
	$(step) 'traps of hosts: other libraries, signals, languages, small stacks, and two of us'
	@$(SEARCHED) $(ROOT)/tests/hosts/run.py

.PHONY: check-cpp
check-cpp: lib tools
	$(step) 'C++: ropc.hpp by gcc and clang, with sanitizers; what the page about engines shows'
	@$(SEARCHED) $(ROOT)/bindings/cpp/tests/run.py

.PHONY: check-wheel
check-wheel: lib tools
	$(step) 'Python: the wheel in a clean environment, typed, tested, and how it exits'
	@$(SEARCHED) $(ROOT)/bindings/python/tests/run.py

.PHONY: check-unity
check-unity: lib tools
	$(step) 'Unity: the C# files under mono'
	@$(SEARCHED) $(ROOT)/bindings/unity/tests/run.py

.PHONY: check-love
check-love: lib tools
	$(step) 'LÖVE: ropc.lua without a screen, and the sign-in screen under Xvfb'
	@$(SEARCHED) $(ROOT)/bindings/love/tests/run.py
