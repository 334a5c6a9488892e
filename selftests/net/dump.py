#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Read a dump of peers in parts, while the peers that it would go on at go.

usage: dump.py PEERS ROUNDS

Adds that many peers (the kernel does not judge identities that root gives), has
the first part of a dump, forgets all of them, and reads on to the end; that as
often as said.  Prints how many each dump listed of those there were.
"""
import sys

import genl


def main():
    count, rounds = map(int, sys.argv[1:])
    k = genl.constants()
    commands, dump = genl.Netlink().find(), genl.Netlink().find()
    for _ in range(rounds):
        addresses = [0x1000000000 + i for i in range(count)]
        for a in addresses:
            commands.do(k["KZT_CMD_PEER_SET"],
                        genl.attribute(k["KZT_A_PEER_IDENTITY"], genl.identity(a)))
        dump.send(k["KZT_CMD_PEER_GET"], b"", genl.NLM_F_DUMP)
        listed, parts, ended = 0, 0, False
        while not ended:
            for kind, _body in dump.part():
                listed += kind == dump.family
                ended |= kind in (genl.NLMSG_DONE, genl.NLMSG_ERROR)
            parts += 1
            if parts == 1:
                for a in addresses:
                    commands.do(k["KZT_CMD_PEER_DEL"],
                                genl.u64(k["KZT_A_PEER_ADDRESS"], a))
        print(listed, "of", count, "in", parts, "parts")
        # One more part was made when the first was fetched
        if listed >= count or parts < 3:
            raise SystemExit("the dump was not under way")


if __name__ == "__main__":
    main()
