#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A wire of two TAP devices, whose speed "ethtool -s" sets, until killed.

usage: tapwire.py NETNS DEVICE NETNS DEVICE

Prints "ready" when both devices are there.
"""
import ctypes
import fcntl
import os
import select
import struct
import sys

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000


def tap(netns, name):
    """A TAP device in the namespace: its file"""
    with open(f"/run/netns/{netns}") as ns:
        if ctypes.CDLL(None, use_errno=True).setns(ns.fileno(), CLONE_NEWNET):
            raise SystemExit(f"tapwire: cannot enter {netns}")
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def carry(fd, to):
    try:
        os.write(to, os.read(fd, 65536))
    except OSError:
        pass    # nothing there, or the other end is down: lost, as on a wire


def main():
    ends = [tap(*sys.argv[1:3]), tap(*sys.argv[3:5])]
    print("ready", flush=True)
    while True:
        for fd in select.select(ends, [], [])[0]:
            carry(fd, ends[fd == ends[0]])


if __name__ == "__main__":
    main()
