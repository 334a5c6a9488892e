/* SPDX-License-Identifier: GPL-2.0 */
/* What the assembler files need; hosted builds get the kernel's names here. */
#ifndef KZT_CRYPTO_ASM_H
#define KZT_CRYPTO_ASM_H

#ifdef __KERNEL__

#include <linux/linkage.h>

#else

#define SYM_FUNC_START(name)	func_start name
#define SYM_FUNC_END(name)	func_end name
#define RET			ret

.macro	func_start name
	.globl	\name
	.type	\name, @function
	.balign	16
\name:
.endm

.macro	func_end name
	.size	\name, . - \name
.endm

	.section .note.GNU-stack, "", @progbits

#endif

#endif /* KZT_CRYPTO_ASM_H */
