# local-gadget: which capabilities does this container really need?
#
#   make          build          make run     install what is missing, build, show the main job
#   make check    all tests      make help    everything else

VERSION := 0.1.0

# The one list of Debian packages: what the build needs, what `make run` needs to run a container,
# and what the tests need on top. Of names joined by commas it is the first that the suite has.
BPF_PACKAGES := clang llvm bpftool
BUILD_PACKAGES = gcc make pkg-config libbpf-dev libelf-dev libdw-dev libseccomp-dev libsystemd-dev \
	libcjson-dev libcap-dev libnghttp2-dev libllhttp-dev,libhttp-parser-dev libprotobuf-c-dev \
	protobuf-compiler protobuf-c-compiler zlib1g-dev $(if $(READY_SKELETON),,$(BPF_PACKAGES))
RUN_PACKAGES := runc
TEST_PACKAGES := libcmocka-dev git docker.io docker-cli,docker.io containerd runc crun podman jq tmux \
	mandoc shellcheck clang-format python3 python3-pyelftools python3-h2 procps curl util-linux mount \
	bsdutils bsdextrautils libcap2-bin binutils systemd systemd-journal-remote iproute2
# `make deb`; for another machine than this one, what unpacks the libraries of BUILD_PACKAGES, and a compiler.
DEB_PACKAGES := build-essential debhelper dpkg-dev fakeroot lintian
CROSS_PACKAGES = gcc-$(subst _,-,$(TRIPLET)) mmdebstrap debian-archive-keyring

CC ?= cc
CLANG ?= clang
BPFTOOL ?= $(or $(wildcard /usr/sbin/bpftool),bpftool)
PKG_CONFIG ?= pkg-config
PROTOC ?= protoc
CFLAGS ?= $(or $(CFLAGS_$(VARIANT)),-O2 -g)
CFLAGS_debug := -O0 -g3
CFLAGS_coverage := -O0 -g
PREFIX ?= /usr/local
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
DESTDIR ?=
V ?= 0

.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
MAKEFLAGS += --no-print-directory
endif

# What is built for: x86 or arm64, this machine's own or not.
MACHINE := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
ARCHITECTURE := $(MACHINE)
TRIPLET_x86 := x86_64-linux-gnu
TRIPLET_arm64 := aarch64-linux-gnu
TRIPLET := $(TRIPLET_$(ARCHITECTURE))
ifeq ($(TRIPLET),)
$(error local-gadget is built for x86_64 (x86) and aarch64 (arm64), not for $(ARCHITECTURE))
endif

# Another machine's libraries are unpacked into a folder of their own; with SYSROOT= they are those
# that dpkg has installed beside this machine's.
CROSS := $(filter-out $(MACHINE),$(ARCHITECTURE))
SYSROOT :=
ifneq ($(CROSS),)
VARIANT ?= release-$(ARCHITECTURE)
SYSROOT = $(VM_DIRECTORY)/sysroot
CC = $(TRIPLET)-gcc $(SYSROOT:%=--sysroot=%)
AR = $(TRIPLET)-ar
LD = $(TRIPLET)-ld
PKG_CONFIG = $(if $(SYSROOT),PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
	PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig pkg-config,$(TRIPLET)-pkg-config)
RUNS := $(filter run docs install deb bench check check-unit check-integration check-workstation check-asan, \
	$(MAKECMDGOALS))
$(if $(RUNS),$(error $(RUNS): runs what was built, which is for $(ARCHITECTURE), not for this machine))
endif

VARIANT ?= release
B := build/$(VARIANT)
, := ,
LIBRARIES := libbpf libelf libdw libsystemd libcjson libcap libseccomp libnghttp2 libprotobuf-c zlib

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE $(WARNINGS) $(HARDENING) $(VARIANT_CFLAGS) $(CFLAGS) -I. -isystem $(B) \
	-DVERSION='"$(VERSION)"' $(LIBRARY_CFLAGS) -MMD -MP
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(VARIANT_CFLAGS) $(LDFLAGS)

# Asked once and only when something is compiled: `make run` installs pkg-config first.
LIBRARY_CFLAGS = $(eval LIBRARY_CFLAGS := $(call pkg_config,--cflags) $(if $(LLHTTP),-DHAVE_LLHTTP))$(LIBRARY_CFLAGS)
LDLIBS = $(eval LDLIBS := $(call pkg_config,--libs) $(if $(LLHTTP),,-lhttp_parser))$(LDLIBS)
# http-parser is archived: only where its successor is not packaged. It has no file for pkg-config.
LLHTTP = $(eval LLHTTP := $(shell $(PKG_CONFIG) --exists libllhttp && echo libllhttp))$(LLHTTP)
pkg_config = $(shell $(PKG_CONFIG) $1 $(LIBRARIES) $(LLHTTP))$(if $(filter-out 0,$(.SHELLSTATUS)),$(error \
	Not all libraries are here. On Debian: sudo apt-get install $(shell \
	tests/install-packages.sh --choose $(BUILD_PACKAGES))))

ifeq ($(VARIANT),asan)
VARIANT_CFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(VARIANT),coverage)
VARIANT_CFLAGS := --coverage
else ifneq ($(VARIANT),debug)
VARIANT_CFLAGS := -D_FORTIFY_SOURCE=2
endif

# The few headers of the kernel that are included say the same for every architecture: those of the
# building machine do. What is built is the same in whichever directory.
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCHITECTURE) -I. \
	-idirafter /usr/include/$(TRIPLET_$(MACHINE)) -Wall -Wextra -Wno-unused-parameter -MMD -MP \
	-ffile-prefix-map=$(CURDIR)=.

# A released archive has the programs compiled: its users need no clang.
READY_SKELETON := $(wildcard bpf/gadget.skel.$(ARCHITECTURE).h)
BPF_OBJECTS := $(patsubst %.bpf.c,$(B)/%.bpf.o,$(wildcard bpf/*.bpf.c))
SKELETON := $(B)/bpf/gadget.skel.h
SOURCES := $(wildcard src/*.c src/*/*.c runtimes/*.c runtimes/*/*.c)
PROTOCOLS := $(wildcard runtimes/*.proto)
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(PROTOCOLS:%.proto=$(B)/%.pb-c.o)
CORE := $(filter-out $(B)/src/main.o,$(OBJECTS))
PROGRAM := $(B)/local-gadget

.PHONY: all
all: $(PROGRAM) $(if $(CROSS),,docs)

# Rewritten only when the text differs: what was made with other flags, or of other files, is made
# again.
stamp_flags = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LDLIBS)
stamp_bpf_flags = $(CLANG) $(BPF_CFLAGS)
stamp_objects = $(OBJECTS)
stamp_bpf_objects = $(BPF_OBJECTS)
stamp_prefix = $(PREFIX)

$(B)/flags $(B)/bpf_flags $(B)/objects $(B)/bpf_objects $(B)/prefix: FORCE
	@$(shell mkdir -p $(@D))$(file >$@.new,$(stamp_$(@F)))cmp -s $@.new $@ || cp $@.new $@
	@rm $@.new

.PHONY: FORCE
FORCE:

$(B)/%.bpf.o: %.bpf.c $(B)/bpf_flags
	$(say) BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(B)/bpf/gadget.bpf.linked: $(BPF_OBJECTS) $(B)/bpf_objects
	$(say) BPFLINK $@
	$(Q)$(BPFTOOL) gen object $@ $(BPF_OBJECTS)

ifeq ($(READY_SKELETON),)
$(SKELETON): $(B)/bpf/gadget.bpf.linked
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name gadget_bpf > $@
else
$(SKELETON): $(READY_SKELETON)
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@
endif

$(addprefix $(B)/,src/source/callers.o src/source/tracer.o src/source/tracer_open.o \
	$(patsubst %.c,%.o,$(wildcard tests/unit/source/*.c))): $(SKELETON)

$(B)/%.pb-c.c $(B)/%.pb-c.h: %.proto
	$(say) PROTO $@
	$(Q)mkdir -p $(@D)
	$(Q)$(PROTOC) --c_out=$(B) $<

$(B)/%.pb-c.o: $(B)/%.pb-c.c $(B)/flags
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -w -c $< -o $@

# Headers that are made; later builds know who includes them.
$(SOURCES:%.c=$(B)/%.o): | $(PROTOCOLS:%.proto=$(B)/%.pb-c.h)

$(B)/%.o: %.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(PROGRAM): $(OBJECTS) $(B)/objects
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(B)/core.a: $(CORE) $(B)/objects
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $(CORE)

# Shows the main job on a container of its own; installs what is missing first, so that nothing but
# make has to be there.
.PHONY: run
run:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(RUN_PACKAGES)
	$(Q)$(MAKE) all
	$(Q)tests/walkthrough/walkthrough.sh $(PROGRAM)

# Unit tests: one program per tests/unit/*/test_*.c, linked with everything but main.
# They lie in folders as what they test does.
UNIT_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/core.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# cmocka 2 deprecates names for which cmocka 1 knows no others.
$(UNIT_TESTS:=.o): private ALL_CFLAGS += -DCMOCKA_DISABLE_DEPRECATION_WARNINGS

# Suites are programs or scripts that print TAP; tests/run.sh runs them one after the other.
INTEGRATION_TESTS := $(wildcard tests/integration/test_*.sh)
LINT_TESTS := $(wildcard tests/lint/test_*.sh)
ASAN_OPTIONS ?= detect_leaks=1:strict_string_checks=1:quarantine_size_mb=16
run_suites = LOCAL_GADGET=$(abspath $(PROGRAM)) TEST_BUILD=$(abspath $(B)) \
	ASAN_OPTIONS=$(ASAN_OPTIONS) UBSAN_OPTIONS=print_stacktrace=1 \
	tests/run.sh $(B)/tests/logs

.PHONY: test-programs unit-programs kernel-programs
unit-programs: $(UNIT_TESTS)
test-programs: $(UNIT_TESTS) $(B)/tests/deep-static $(B)/tests/month docs kernel-programs
kernel-programs: $(PROGRAM) $(B)/tests/provoke $(B)/tests/needs $(B)/tests/deep $(B)/tests/kernels/workload \
	$(B)/tests/kernels/compat

.PHONY: test-packages
test-packages:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)

# The oldest and the newest kernel are booted each time, and the BPF programs compiled by the oldest
# clang, by the one after which much changed, and by the newest; check-kernels and check-compilers
# have the others.
.PHONY: check
check:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES) $(VM_PACKAGES)
	$(Q)$(MAKE) test-programs
	$(Q)VM_CACHE=$(VM_CACHE) KERNELS="5.10 newest" CLANGS="14 19 newest" COMPILER_KERNELS=5.10 \
		$(run_suites) $(LINT_TESTS) $(UNIT_TESTS) $(INTEGRATION_TESTS) tests/kernels/kernels.py \
		tests/compilers/compilers.py

.PHONY: check-unit
check-unit: test-packages
	$(Q)$(MAKE) test-programs
	$(Q)$(run_suites) $(UNIT_TESTS)

.PHONY: check-integration
check-integration: test-packages
	$(Q)$(MAKE) test-programs
	$(Q)$(run_suites) $(or $(SUITES),$(INTEGRATION_TESTS))

# Whole kernels and a whole workstation, in virtual machines. What they are made of is kept in
# VM_CACHE, for the next time.
VM_CACHE ?= $(abspath build/vm)
VM_PACKAGES := qemu-system-$(patsubst arm64,arm,$(ARCHITECTURE)) busybox-static \
	debian-archive-keyring mmdebstrap xz-utils e2fsprogs
VM_DIRECTORY = $(VM_CACHE)$(CROSS:%=/%)
run_machines = VM_CACHE=$(VM_DIRECTORY) KERNELS="$(KERNELS)" ARCHITECTURE=$(ARCHITECTURE) \
	SYSROOT=$(SYSROOT) $(run_suites)

.PHONY: check-kernels
check-kernels:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES) \
		$(sort $(VM_PACKAGES) $(if $(CROSS),$(CROSS_PACKAGES)))
	$(Q)$(MAKE) kernel-programs
	$(Q)$(run_machines) tests/kernels/kernels.py

# What a guest, or a program for another machine, is made of.
ifneq ($(SYSROOT),)
$(B)/flags: $(SYSROOT)/packages

$(SYSROOT)/packages: FORCE
	$(Q)ARCHITECTURE=$(ARCHITECTURE) tests/sysroot $(SYSROOT) $(filter %-dev,$(BUILD_PACKAGES)) \
		libc6-dev busybox-static
endif

.PHONY: check-compilers
check-compilers:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES) $(VM_PACKAGES)
	$(Q)$(MAKE) test-programs
	$(Q)VM_CACHE=$(VM_CACHE) CLANGS="$(CLANGS)" COMPILER_KERNELS="$(KERNELS)" \
		$(run_suites) tests/compilers/compilers.py

.PHONY: check-workstation
check-workstation:
	$(Q)tests/install-packages.sh $(VM_PACKAGES) python3
	$(Q)SUITE=$(SUITE) TEST_GUARD_SECONDS=9000 $(run_machines) tests/workstation/workstation.py

# TEST_COMMAND=... instead of the README's second command, which takes its time.
.PHONY: check-distributions
check-distributions:
	$(Q)tests/install-packages.sh $(VM_PACKAGES)
	$(Q)DISTRIBUTIONS="$(DISTRIBUTIONS)" TEST_COMMAND="$(TEST_COMMAND)" VM_CACHE=$(VM_CACHE) \
		TEST_GUARD_SECONDS=36000 $(run_suites) tests/distributions/distributions

.PHONY: check-asan
check-asan: test-packages
	$(Q)$(MAKE) VARIANT=asan test-programs
	$(Q)$(MAKE) VARIANT=asan run-suites

.PHONY: run-suites
run-suites:
	$(Q)$(run_suites) $(UNIT_TESTS) $(INTEGRATION_TESTS)

.PHONY: lint
lint: test-packages
	$(Q)$(run_suites) $(LINT_TESTS)

# What clang finds doubtful; .clang-tidy says what it is not asked for, and why.
TIDY_PACKAGES := clang-tidy
TIDY_CFLAGS = $(filter-out -MMD -MP,$(ALL_CFLAGS))

.PHONY: tidy
tidy:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(TIDY_PACKAGES)
	$(Q)$(MAKE) $(PROTOCOLS:%.proto=$(B)/%.pb-c.h) $(SKELETON)
	$(Q)printf '%s\n' $(SOURCES) | xargs -P "$$(nproc)" -I {} sh -c \
		'clang-tidy --quiet "$$@" 2>/dev/null || exit 1' tidy {} -- $(TIDY_CFLAGS)

# How much of the code the unit tests run; with SUITES=... those suites, too. COVERAGE is the least
# that is right, in percent: of all lines, and of those of each file of the core.
COVERAGE ?= 85 75
COVERAGE_CORE := src/model src/source src/stacks src/containers src/trace

.PHONY: coverage coverage-suites
coverage: test-packages
	$(Q)$(MAKE) VARIANT=coverage $(if $(SUITES),test-programs,unit-programs)
	$(Q)find build/coverage -name '*.gcda' -delete
	$(Q)$(MAKE) VARIANT=coverage coverage-suites
	$(Q)tests/coverage.py build/coverage --least $(COVERAGE) --core $(COVERAGE_CORE)

coverage-suites:
	$(Q)$(run_suites) $(UNIT_TESTS) $(SUITES)

# Small faults, one at a time, in a copy of the tree, and whether the tests see them. Takes an hour;
# MUTANTS=... for those with such a word in their name.
.PHONY: mutants
mutants: test-packages
	$(Q)VM_CACHE=$(VM_CACHE) KERNELS="$(or $(KERNELS),newest)" ARCHITECTURE=$(ARCHITECTURE) SYSROOT= \
		tests/mutants/mutants.py . build/mutants $(MUTANTS)

.PHONY: format
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')

.PHONY: bench
bench: test-packages
	$(Q)$(MAKE) bench-programs
	$(Q)tests/bench/bench.sh $(PROGRAM) $(B)/tests/bench

BENCH_PROGRAMS := $(addprefix $(B)/tests/bench/,load floor floor.bpf.o)

.PHONY: bench-programs
bench-programs: $(PROGRAM) $(BENCH_PROGRAMS)

$(B)/tests/bench/%: $(B)/tests/bench/%.o
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# Make capability checks; static, to run in any container or machine.
$(B)/tests/provoke $(B)/tests/needs $(B)/tests/kernels/workload: $(B)/%: %.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -I. -static -MMD -MP -o $@ $<

# Fills a journal.
$(B)/tests/month: $(B)/tests/month.o $(B)/core.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# For the 32-bit entry of a kernel. By clang, which makes programs for every machine; without a
# library, as none of the other 32-bit architecture is here. Pages may be larger than 4 KiB.
COMPAT_TARGET_x86 := i686-linux-gnu
COMPAT_TARGET_arm64 := armv7-linux-gnueabi
COMPAT_LDFLAGS_x86 := -m elf_i386
COMPAT_LDFLAGS_arm64 := -m armelf_linux_eabi
$(B)/tests/kernels/compat: tests/kernels/compat.c $(B)/bpf_flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(COMPAT_TARGET_$(ARCHITECTURE)) -std=gnu17 -Wall -Wextra -O2 -ffreestanding \
		-fno-pic -fno-stack-protector -c -o $@.o $<
	$(Q)$(LD) $(COMPAT_LDFLAGS_$(ARCHITECTURE)) -z max-page-size=65536 -o $@ $@.o

# Has a user stack of which everything is known; with and without a build id and libraries.
DEEP_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -g -O1 -fno-omit-frame-pointer
$(B)/tests/deep $(B)/tests/deep-static: tests/deep.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(DEEP_CFLAGS) $(if $(findstring static,$@),-static -Wl$(,)--build-id=none,-Wl$(,)--build-id) -o $@ $<

# Man pages and completions are made from the program's own tables: by whoever builds, so that in
# build/ nothing is root's after an installation.
PAGES := $(patsubst man/%.in,$(B)/man/%,$(wildcard man/*.[1-9].in))
COMPLETIONS := $(addprefix $(B)/completion/,bash fish zsh)

.PHONY: docs
docs: $(PAGES) $(COMPLETIONS) $(B)/man/local-gadget.catalog $(B)/man/local-gadget.service

$(B)/man/describe: $(B)/man/describe.o $(B)/core.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(PAGES) $(B)/man/local-gadget.catalog: $(B)/man/%: man/%.in $(B)/man/describe
	$(say) MAN $@
	$(Q)$(B)/man/describe $< > $@

$(B)/man/local-gadget.service: man/local-gadget.service.in $(B)/prefix
	$(say) UNIT $@
	$(Q)mkdir -p $(@D)
	$(Q)sed 's,@PREFIX@,$(PREFIX),' $< > $@

$(B)/completion/%: $(PROGRAM)
	$(say) COMPLETE $@
	$(Q)mkdir -p $(@D)
	$(Q)$(PROGRAM) completion $* > $@

INSTALLED := $(addprefix $(PREFIX)/,bin/local-gadget $(foreach page,$(notdir $(PAGES)),share/man/man$(subst .,,$(suffix $(page)))/$(page)) \
	lib/systemd/system/local-gadget.service lib/systemd/catalog/local-gadget.catalog \
	share/bash-completion/completions/local-gadget share/fish/vendor_completions.d/local-gadget.fish) \
	$(ZSH_COMPLETIONS)/_local-gadget

# On this machine, not below DESTDIR, systemd has to hear of its unit and of the catalog.
define tell_systemd
	test -n '$(DESTDIR)' || ! command -v journalctl >/dev/null || journalctl --update-catalog
	test -n '$(DESTDIR)' || ! test -d /run/systemd/system || systemctl daemon-reload
endef

.PHONY: install
install: $(PROGRAM) docs
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/local-gadget
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 $(filter %.1,$(PAGES)) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(filter %.7,$(PAGES)) $(DESTDIR)$(PREFIX)/share/man/man7
	install -D -m 644 $(B)/man/local-gadget.service \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/local-gadget.service
	install -D -m 644 $(B)/man/local-gadget.catalog \
		$(DESTDIR)$(PREFIX)/lib/systemd/catalog/local-gadget.catalog
	test -e $(DESTDIR)/etc/default/local-gadget || \
		install -D -m 644 man/local-gadget.default $(DESTDIR)/etc/default/local-gadget
	install -D -m 644 $(B)/completion/bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/local-gadget
	install -D -m 644 $(B)/completion/fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/local-gadget.fish
	install -D -m 644 $(B)/completion/zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_local-gadget
	$(tell_systemd)

.PHONY: uninstall
uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	! cmp -s man/local-gadget.default $(DESTDIR)/etc/default/local-gadget || \
		rm $(DESTDIR)/etc/default/local-gadget
	$(tell_systemd)

# What is committed, and the BPF programs compiled for each architecture: see READY_SKELETON.
DIST := local-gadget-$(VERSION)
DIST_SKELETONS := $(foreach architecture,x86 arm64,build/dist/gadget.skel.$(architecture).h)

build/dist/gadget.skel.%.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)$(MAKE) ARCHITECTURE=$* VARIANT=dist-$* build/dist-$*/bpf/gadget.skel.h
	$(Q)cp build/dist-$*/bpf/gadget.skel.h $@

.PHONY: dist
dist: $(DIST_SKELETONS)
	$(say) DIST build/$(DIST).tar.gz
	$(Q)git archive --format=tar.gz -o build/$(DIST).tar.gz --prefix=$(DIST)/bpf/ \
		$(addprefix --add-file=,$^) --prefix=$(DIST)/ HEAD

# A package for Debian and its kin, built from the tree as it is; .debian is its debian/, filled in.
# It bears the time of the last commit where there is one, so that made again it is the same.
MAINTAINER ?= The local-gadget maintainers <maintainers@local-gadget.invalid>
DEB_TREE := build/deb/$(DIST)
RELEASE_TIME = $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)

.PHONY: deb
deb:
	$(Q)tests/install-packages.sh $(BUILD_PACKAGES) $(DEB_PACKAGES)
	$(Q)rm -rf build/deb && mkdir -p $(DEB_TREE)
	$(Q)tar --exclude=./build --exclude=./.git --exclude=./.debian -c . | tar -x -C $(DEB_TREE)
	$(Q).debian/assemble $(DEB_TREE) $(VERSION) '$(MAINTAINER)' $(RELEASE_TIME) \
		$(filter-out gcc make,$(BUILD_PACKAGES))
	$(Q)cd $(DEB_TREE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL SOURCE_DATE_EPOCH=$(RELEASE_TIME) \
		dpkg-buildpackage -b -us -uc >../log 2>&1 || { tail -n 40 ../log; exit 1; }
	$(say) DEB "$$(echo build/deb/*.deb)"
	$(Q)lintian --allow-root --fail-on error,warning build/deb/*.changes

.PHONY: clean
clean:
	$(Q)rm -rf build

.PHONY: help
help:
	@echo 'make                    build $(PROGRAM)'
	@echo 'make run                install what is missing, build, show the main job on a container'
	@echo 'make check              install what is missing, build, run every test'
	@echo 'make check-unit         unit tests only'
	@echo 'make check-integration  tests on real engines only; SUITES=tests/integration/... for some'
	@echo 'make check-kernels      every back-end on real kernels in virtual machines; KERNELS=... for some'
	@echo 'make check-compilers    the BPF programs by every clang; CLANGS=... for some, KERNELS=... to boot'
	@echo 'make check-workstation  the package and every engine on a whole Debian with systemd, in a virtual'
	@echo '                        machine; SUITE=bookworm, trixie (default) or sid'
	@echo 'make check-distributions the two commands of the README on bare systems; DISTRIBUTIONS=... for some'
	@echo 'make check-asan         unit and integration tests under the sanitizers'
	@echo 'make lint               layers, lengths, layout, shell scripts'
	@echo 'make tidy               what clang-tidy finds'
	@echo 'make coverage           lines of src/ and runtimes/ that unit tests run; SUITES=... for more tests'
	@echo 'make mutants            whether the tests see small faults; MUTANTS=... for some of them'
	@echo 'make format             lay out the sources by clang-format'
	@echo 'make bench              what tracing costs, in ratios'
	@echo 'make install            program, man pages, completions, service, below DESTDIR and PREFIX'
	@echo 'make uninstall          take those away again'
	@echo 'make dist               a source archive of what is committed, which needs no clang'
	@echo 'make deb                a package for Debian, in build/deb/'
	@echo 'make clean              remove build/'
	@echo
	@echo 'Variables: CC CLANG CFLAGS DESTDIR PREFIX=$(PREFIX) V=1 (show commands)'
	@echo 'VARIANT=debug           for a debugger; asan and coverage are built by their own targets'
	@echo 'ARCHITECTURE=arm64      with make and make check-kernels: for another machine than this one'

# Not what lies in roots of whole systems.
-include $(shell find build \( -path build/vm -o -path build/deb \) -prune -o -type f -name '*.d' -print 2>/dev/null)
