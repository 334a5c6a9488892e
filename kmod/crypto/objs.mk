# SPDX-License-Identifier: GPL-2.0
kzt-crypto-y := \
	crypto/aes.o \
	crypto/armor.o \
	crypto/ghash.o \
	crypto/poly1305.o \
	crypto/salsa20.o \
	crypto/simd.o \
	crypto/siv.o

# ARCH=um sets CONFIG_X86_64 too, but has no vector registers in the kernel
ifneq ($(CONFIG_UML),y)
kzt-crypto-$(CONFIG_X86_64) += \
	crypto/aes-x86_64.o \
	crypto/poly1305-avx2.o \
	crypto/salsa20-avx2.o \
	crypto/salsa20-sse2.o
endif
