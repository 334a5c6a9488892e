/* SPDX-License-Identifier: GPL-2.0 */
/* What the assembler files need; hosted builds get the kernel's names here. */
#ifndef KZT_CRYPTO_ASM_H
#define KZT_CRYPTO_ASM_H

#ifdef __KERNEL__

#include <linux/linkage.h>

#else

#define SYM_FUNC_START(name)						\
	.globl name; .type name, @function; .balign 16; name:
#define SYM_FUNC_END(name)						\
	.size name, . - name
#define RET	ret

	.section .note.GNU-stack, "", @progbits

#endif

#endif /* KZT_CRYPTO_ASM_H */
