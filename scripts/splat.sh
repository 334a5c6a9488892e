#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: splat.sh LOG...    Non-zero, and the lines, if a kernel complained.
! grep -hE -A30 -e '(WARNING: (CPU|possible|suspicious|bad|inconsistent)|BUG: |Oops|general protection|KASAN|UBSAN|kernel BUG|refcount_t:|unregister_netdevice: waiting|ODEBUG:|possible circular|suspicious RCU|scheduling while atomic|sleeping function called|unreferenced object|Kernel panic)' "$@"
