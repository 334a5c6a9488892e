#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Nodes, peers and devices that come and go, one system call for each step: of a
thousand rounds most would else be the starting of programs.

usage: rounds.py ROUNDS IDENTITY PEER NETWORK [space]
  IDENTITY, PEER: files, the first with its secret
  space: each round in a network namespace of its own, to which it leaves the
         device, the peer and the node
"""
import ctypes
import os
import socket
import struct
import sys

import genl

ROUTE, NEWLINK, DELLINK = 0, 16, 17
CREATE, EXCL = 0x400, 0x200
IFF_UP, IFLA_IFNAME, IFLA_LINKINFO, INFO_KIND, INFO_DATA = 1, 3, 18, 1, 2
IFLA_KZT_NETWORK = 1
CLONE_NEWNET = 0x40000000
NAME = genl.attribute(IFLA_IFNAME, b"kzt1\0")


def binary(path):
    """The identity in a file, as netlink has it (spec 2.7)"""
    with open(path, encoding="ascii") as f:
        address, _, public, *secret = f.read().strip().split(":")
    secret = bytes.fromhex("".join(secret))
    return bytes.fromhex(address) + b"\0" + bytes.fromhex(public) + \
        bytes([len(secret)]) + secret


class Rounds:
    def __init__(self, k, identity, peer, network):
        self.k, self.network = k, network
        self.node = genl.attribute(k["KZT_A_NODE_IDENTITY_SECRET"], binary(identity)) + \
            genl.attribute(k["KZT_A_NODE_PORT"], bytes(2))
        where = struct.pack("=H", socket.AF_INET) + \
            struct.pack(">H4s8x", 1, bytes([10, 9, 9, 9]))
        self.peer = genl.attribute(k["KZT_A_PEER_IDENTITY"], binary(peer)) + \
            genl.attribute(k["KZT_A_PEER_ENDPOINT"], where)
        self.open()

    def open(self):
        self.kzt = genl.Netlink().find()
        self.route = genl.Netlink(ROUTE)

    def close(self):
        self.kzt.sock.close()
        self.route.sock.close()

    def link(self, command, flags, attributes, up=0):
        self.route.raw(command, struct.pack("=BxHiII", 0, 0, 0, up, up) + attributes, flags)

    def up(self):
        self.kzt.do(self.k["KZT_CMD_NODE_SET"], self.node)
        self.kzt.do(self.k["KZT_CMD_PEER_SET"], self.peer)
        data = genl.u64(IFLA_KZT_NETWORK, self.network)
        info = genl.attribute(INFO_KIND, b"kzt") + genl.attribute(INFO_DATA, data)
        self.link(NEWLINK, CREATE | EXCL, NAME + genl.attribute(IFLA_LINKINFO, info), IFF_UP)

    def down(self):
        self.kzt.do(self.k["KZT_CMD_NODE_DEL"], b"")
        self.link(DELLINK, 0, NAME)

    def round(self):
        self.up()
        self.down()

    def space(self):
        self.close()
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise SystemExit("unshare: " + os.strerror(ctypes.get_errno()))
        self.open()
        self.up()


def main():
    count, identity, peer, network, *space = sys.argv[1:]
    rounds = Rounds(genl.constants(), identity, peer, int(network, 16))
    for _ in range(int(count)):
        if space:
            rounds.space()
        else:
            rounds.round()


main()
