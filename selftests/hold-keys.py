#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Hold the static keys that tests would flip: time stamps of packets (ping) and
UDP encapsulation.  Why: in_qemu in run-vm.sh."""
import signal
import socket

SO_TIMESTAMP, UDP_ENCAP, UDP_ENCAP_L2TPINUDP = 29, 100, 3

held = []
for family in (socket.AF_INET, socket.AF_INET6):
    held.append(socket.socket(family, socket.SOCK_DGRAM))
    held[-1].setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
    held[-1].setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_L2TPINUDP)
signal.pause()
