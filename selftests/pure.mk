# SPDX-License-Identifier: GPL-2.0
# The pure sources of the module (they see bytes and lengths only), for the
# builds on the host: the lists are those that the module is built from.
KMOD := $(TOP)/kmod
CONFIG_X86_64 := $(if $(filter x86_64,$(shell uname -m)),y,n)
include $(KMOD)/proto/objs.mk
include $(KMOD)/crypto/objs.mk

pure-objs := $(sort $(kzt-proto-y) $(kzt-agent-proto-y) $(kzt-crypto-y) \
	filter.o filter_match.o learn.o selfaware.o flow.o resolve.o qostable.o replayset.o proto/rules.o proto/netaddr.o \
	quality.o calm.o policy.o policy_agree.o policy_aware.o policy_judge.o policy_name.o \
	policy_pick.o policy_share.o policy_single.o)
# Only C: for tools that cannot see through assembler
pure-c-objs := $(sort $(filter-out %-x86_64.o %-avx2.o %-sse2.o,$(pure-objs)))
PURE_CFLAGS := -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	-I$(KMOD) -I$(KMOD)/proto -I$(KMOD)/crypto

# $(call pure-rules,DIR,COMPILER,FLAGS): how objects of kmod/ are made in DIR
define pure-rules
$(1)/kmod/%.o: $$(KMOD)/%.c
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(PURE_CFLAGS) $(3) -MMD -MP -c $$< -o $$@

$(1)/kmod/%.o: $$(KMOD)/%.S
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(PURE_CFLAGS) -MMD -MP -c $$< -o $$@
endef
