#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: splat.sh LOG...    Non-zero, and the lines, if a kernel complained.
! grep -hE -A30 -e '(WARNING: (CPU|possible|suspicious|bad|inconsistent|held|lock held|nested|Nested)|BUG: |Oops|general protection|KASAN|UBSAN|kernel BUG|refcount_t:|ref_tracker: |INFO: trying to register non-static key|unregister_netdevice: waiting|ODEBUG:|possible circular|suspicious RCU|scheduling while atomic|sleeping function called|unreferenced object|Kernel panic)' "$@"
