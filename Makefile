# SPDX-License-Identifier: GPL-2.0
# kzt: the module, the agent, the tool and the plug-in of ip(8).
#
#   make [KDIR=/lib/modules/RELEASE/build]   all of them; the module is kmod/kzt.ko
#   make module | tools
#   make install [DESTDIR=] [PREFIX=/usr]
#   make uninstall               what that has put there; settings and state stay
#   make dkms_install [DESTDIR=] the module's source, for dkms(8) to build
#   make check                   all tests; CHECK="unit 6.12" only some (scripts/test.sh)
#   make check-debug             in a kernel with KASAN, lockdep and kmemleak
#   make bench                   against WireGuard (scripts/bench.sh)
#   make bench-multipath         several paths (selftests/bench/multipath.sh)
#   make plot                    draws the policies (scripts/plot.sh)
#   make demo                    three nodes in a VM, one of them ZeroTier's own
#   V=1 shows the commands, KZT_DEBUG=y builds the module with its self-test
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr
CHECK ?=
Q := $(if $(V),,@)

.PHONY: all module tools install modules_install tools_install uninstall \
	dkms_install check check-debug bench bench-multipath plot demo clean
all: module tools

module:
	@[ -e $(KDIR)/Makefile ] || { \
		echo "No kernel to build for in $(KDIR): install its headers, or name" >&2; \
		echo "another with KDIR=/lib/modules/RELEASE/build." >&2; exit 1; }
	$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(KZT_DEBUG),KZT_DEBUG=$(KZT_DEBUG)) modules

tools:
	$(Q)$(MAKE) --no-print-directory -C userspace

install: modules_install tools_install

modules_install: module
	$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) \
		modules_install

tools_install:
	$(Q)$(MAKE) --no-print-directory -C userspace install DESTDIR=$(DESTDIR) \
		PREFIX=$(PREFIX)

uninstall:
	$(Q)$(MAKE) --no-print-directory -C userspace uninstall DESTDIR=$(DESTDIR) \
		PREFIX=$(PREFIX)
	$(Q)release=$$($(MAKE) -s --no-print-directory -C $(KDIR) kernelrelease) && \
		find $(DESTDIR)/lib/modules/$$release/ -name 'kzt.ko*' -print -delete \
		$(if $(DESTDIR),,&& depmod $$release)

# What the module is made of, and nothing that was built of it
dkms_install:
	$(Q)to=$(DESTDIR)/usr/src/kzt-$$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' scripts/dkms.conf) && \
		rm -rf $$to && mkdir -p $$to && \
		find Kbuild COPYING uapi kmod -type f -name '[^.]*' ! -name '*.o' \
			! -name '*.ko' ! -name '*.mod' ! -name '*.mod.c' \
			! -name modules.order ! -name Module.symvers \
			-exec cp --parents -t $$to {} + && \
		cp scripts/dkms.conf $$to && echo $$to

check:
	$(Q)scripts/test.sh $(CHECK)

check-debug:
	$(Q)scripts/check-debug.sh

bench:
	$(Q)scripts/bench.sh

bench-multipath:
	$(Q)selftests/bench/multipath.sh

plot:
	$(Q)scripts/plot.sh

demo:
	$(Q)scripts/demo.sh

clean:
	$(Q)rm -rf build
	$(Q)$(MAKE) --no-print-directory -C userspace clean
	$(Q)find kmod '(' -name '*.o' -o -name '*.ko' -o -name '.*.cmd' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name modules.order -o -name Module.symvers ')' -delete
	$(Q)rm -f modules.order Module.symvers .Module.symvers.cmd .modules.order.cmd
