# local-gadget: which capabilities does this container really need?
#
#   make            build            make run     install what is missing, build, show the main job
#   make check      all tests        make help    everything else

VERSION := 0.1.0

# The one list of Debian packages: what the build needs, and what the tests need on top.
BUILD_PACKAGES := gcc clang llvm make pkg-config bpftool libbpf-dev libelf-dev libdw-dev \
	libseccomp-dev libsystemd-dev libcjson-dev libcap-dev libnghttp2-dev libhttp-parser-dev \
	libprotobuf-c-dev protobuf-c-compiler
RUN_PACKAGES := runc
TEST_PACKAGES := libcmocka-dev docker.io containerd runc crun jq tmux mandoc shellcheck \
	clang-format python3 procps

CC ?= cc
CLANG ?= clang
BPFTOOL ?= $(or $(wildcard /usr/sbin/bpftool),bpftool)
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=
VARIANT ?= release
V ?= 0

.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
MAKEFLAGS += --no-print-directory
endif

B := build/$(VARIANT)
LIBRARIES := libbpf libsystemd libcjson libcap libseccomp
ARCHITECTURE := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
ifeq ($(filter x86 arm64,$(ARCHITECTURE)),)
$(error local-gadget is built on x86_64 and aarch64, not on $(ARCHITECTURE))
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE $(WARNINGS) $(HARDENING) $(VARIANT_CFLAGS) $(CFLAGS) -I. -isystem $(B) \
	-DVERSION='"$(VERSION)"' $(shell $(PKG_CONFIG) --cflags $(LIBRARIES)) -MMD -MP
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(VARIANT_CFLAGS) $(LDFLAGS)
LDLIBS := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null) -lhttp_parser

ifeq ($(VARIANT),asan)
VARIANT_CFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
VARIANT_CFLAGS := -D_FORTIFY_SOURCE=2
endif

BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCHITECTURE) -I. -idirafter /usr/include/$(shell uname -m)-linux-gnu -Wall -Wextra \
	-Wno-unused-parameter -MMD -MP

BPF_OBJECTS := $(patsubst %.bpf.c,$(B)/%.bpf.o,$(wildcard bpf/*.bpf.c))
SKELETON := $(B)/bpf/gadget.skel.h
SOURCES := $(wildcard src/*.c runtimes/*.c)
OBJECTS := $(SOURCES:%.c=$(B)/%.o)
CORE := $(filter-out $(B)/src/main.o,$(OBJECTS))
PROGRAM := $(B)/local-gadget

.PHONY: all
all: $(PROGRAM)

$(B)/%.bpf.o: %.bpf.c Makefile
	$(say) BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(B)/bpf/gadget.bpf.linked: $(BPF_OBJECTS)
	$(say) BPFLINK $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKELETON): $(B)/bpf/gadget.bpf.linked
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name gadget_bpf > $@

$(B)/src/tracer.o: $(SKELETON)

$(B)/%.o: %.c Makefile
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(PROGRAM): $(OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/core.a: $(CORE)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Unit tests: one program per tests/unit/test_*.c, linked with everything but main.
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/core.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

.PHONY: unit-programs
unit-programs: $(UNIT_TESTS)

# Makes capability checks that are known beforehand; static, to run in any container or machine.
$(B)/tests/provoke: tests/provoke.c Makefile
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -static -MMD -MP -o $@ $<

# Man pages and completions are made from the program's own tables.
PAGES := $(patsubst man/%.in,$(B)/man/%,$(wildcard man/*.in))
COMPLETIONS := $(addprefix $(B)/completion/,bash fish zsh)

.PHONY: docs
docs: $(PAGES) $(COMPLETIONS)

$(B)/man/describe: $(B)/man/describe.o $(B)/core.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/man/%.1: man/%.1.in $(B)/man/describe
	$(say) MAN $@
	$(Q)$(B)/man/describe $< > $@

$(B)/completion/%: $(PROGRAM)
	$(say) COMPLETE $@
	$(Q)mkdir -p $(@D)
	$(Q)$(PROGRAM) completion $* > $@

INSTALLED := bin/local-gadget $(patsubst $(B)/man/%,share/man/man1/%,$(PAGES)) \
	share/bash-completion/completions/local-gadget share/zsh/site-functions/_local-gadget \
	share/fish/vendor_completions.d/local-gadget.fish

.PHONY: install
install: $(PROGRAM) docs
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/local-gadget
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(PAGES) $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 644 $(B)/completion/bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/local-gadget
	install -D -m 644 $(B)/completion/fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/local-gadget.fish
	install -D -m 644 $(B)/completion/zsh \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_local-gadget

.PHONY: uninstall
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALLED))

.PHONY: clean
clean:
	$(Q)rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
