# `make install` and `make uninstall`, for Linux and macOS; on Windows take
# add_subdirectory() of CMake. The Makefile includes this file.
#
#   make lib && sudo make install                    into /usr/local
#   make install PREFIX=$HOME/.local
#   make install DESTDIR=$PWD/stage PREFIX=/usr LIBDIR=/usr/lib64      for a package
#
# Neither builds anything nor writes into these folders: a user builds, and
# root, who need not have cargo, installs.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man

# -B: no compiled Python is left behind, which would be root's.
INSTALLER = $(PYTHON) -B $(ROOT)/packaging/install.py --build '$(BUILD)' --shared $(SHARED) --native="$(NATIVE)" \
    --destdir '$(DESTDIR)' --libdir '$(LIBDIR)' --includedir '$(INCLUDEDIR)' --mandir '$(MANDIR)'

.PHONY: install
install: ## installs what `make lib` built; PREFIX=, DESTDIR=, LIBDIR= say where
	@$(INSTALLER) install

.PHONY: uninstall
uninstall: ## removes what `make install` with the same PREFIX= and so on installed
	@$(INSTALLER) uninstall
