#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Requests that run out of memory, at each allocation in turn.

usage: nomem.py

Needs a kernel that fails them on demand (CONFIG_FAILSLAB, with ignore-gfp-wait
off), and root.  Prints at
how many allocations each request was tried; a request that then succeeds must be
as good as if nothing had been.
"""
import os
import socket
import struct
import sys

import genl

MOST = 500      # allocations of one request
PEER = 0x1122334455


def tried(fail, nl, command, data, undo):
    """The allocations at which the request was made to fail"""
    for n in range(1, MOST):
        os.write(fail, b"%d" % n)
        try:
            err = nl.ask(command, data)
        except OSError as e:    # nothing was sent, or the answer could not be
            err = -e.errno
            nl = genl.Netlink().again(nl)
        left = int(os.pread(fail, 20, 0).strip(b"\0\n") or 0)
        os.write(fail, b"0")
        undo()
        if left:                # there are not as many
            return n - 1, err
    raise SystemExit("no end of allocations")


def requests(k):
    address = genl.u64(k["KZT_A_PEER_ADDRESS"], PEER)
    new = genl.attribute(k["KZT_A_PEER_IDENTITY"], genl.identity(PEER))
    where = struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", 9993, bytes([10, 77, 0, 99]))
    endpoint = genl.attribute(k["KZT_A_PEER_ENDPOINT"], where)
    yield "a new peer", "KZT_CMD_PEER_SET", new + endpoint, True
    yield "a peer's endpoint", "KZT_CMD_PEER_SET", new + endpoint, False
    yield "a peer that is a root", "KZT_CMD_PEER_SET", \
        new + endpoint + genl.attribute(k["KZT_A_PEER_UPSTREAM"], b"\1"), True
    yield "its policy", "KZT_CMD_POLICY_SET", \
        genl.u64(k["KZT_A_POLICY_ADDRESS"], PEER) + \
        genl.attribute(k["KZT_A_POLICY_MODE"], b"active-backup\0") + \
        genl.attribute(k["KZT_A_POLICY_FORCE"], b""), False
    yield "a message", "KZT_CMD_MESSAGE_SEND", \
        genl.u64(k["KZT_A_MESSAGE_ADDRESS"], PEER) + genl.u64(k["KZT_A_MESSAGE_TYPE"], 65536) + \
        genl.attribute(k["KZT_A_MESSAGE_DATA"], bytes(3000)), False
    yield "reading it", "KZT_CMD_PEER_GET", address, False
    yield "reading the node", "KZT_CMD_NODE_GET", b"", False
    yield "other ports", "KZT_CMD_NODE_SET", \
        genl.attribute(k["KZT_A_NODE_PORT"], struct.pack("=H", 9994)) + \
        genl.u32(k["KZT_A_NODE_SECONDARY_PORT"], 9995), False
    yield "and again the first", "KZT_CMD_NODE_SET", \
        genl.attribute(k["KZT_A_NODE_PORT"], struct.pack("=H", 9993)) + \
        genl.u32(k["KZT_A_NODE_SECONDARY_PORT"], 0), False
    yield "its end", "KZT_CMD_PEER_DEL", address, False


def main():
    k = genl.constants()
    nl, other = genl.Netlink().find(), genl.Netlink().find()
    fail = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    gone = genl.u64(k["KZT_A_PEER_ADDRESS"], PEER)
    for name, command, data, fresh in requests(k):
        # What a try has made must not spare the next one an allocation
        undo = (lambda: other.ask(k["KZT_CMD_PEER_DEL"], gone)) if fresh else (lambda: None)
        n, err = tried(fail, nl, k[command], data, undo)
        if fresh:
            err = other.ask(k[command], data)
        print(f"{name}: {n}", flush=True)
        if err and name not in ("a message", "its end"):
            raise SystemExit(f"{name}: {os.strerror(-err)} though there is memory")


if __name__ == "__main__":
    sys.exit(main())
