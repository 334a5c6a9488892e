#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make peers known whom nobody is, as many as are taken: many in one message, as
there are to be ten thousands.

usage: crowd.py COUNT

Prints how many of them were taken.
"""
import errno
import struct
import sys

import genl

AT_ONCE = 64


def batch(link, command, requests):
    """All in one message, of which the last is acknowledged: the errors"""
    raw, errors = b"", []
    for i, data in enumerate(requests):
        link.sequence += 1
        flags = genl.NLM_F_REQUEST | (genl.NLM_F_ACK if i == len(requests) - 1 else 0)
        raw += struct.pack("=IHHIIBBH", 20 + len(data), link.family, flags,
                           link.sequence, 0, command, 1, 0) + data
    link.sock.send(raw)
    while True:
        for kind, body in link.part():
            error, _, _, _, sequence = struct.unpack_from("=iIHHI", body)
            if kind == genl.NLMSG_ERROR and error:
                errors.append(errno.errorcode[-error])
            if sequence == link.sequence:
                return errors


def main():
    k, link = genl.constants(), genl.Netlink().find()
    addresses = range(0x1000000001, 0x1000000001 + int(sys.argv[1]))
    taken, refused = 0, []
    while addresses and not refused:
        requests = [genl.attribute(k["KZT_A_PEER_IDENTITY"], genl.identity(a))
                    for a in addresses[:AT_ONCE]]
        refused = batch(link, k["KZT_CMD_PEER_SET"], requests)
        taken += len(requests) - len(refused)
        addresses = addresses[AT_ONCE:]
    print(taken, *set(refused))


main()
