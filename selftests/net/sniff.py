#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print a line for each datagram that comes in by a device, until killed.

usage: sniff.py DEVICE [PORT]

Words: kind (head, piece, other), bytes, wire id, destination, source, suite,
hops; a piece has no source and no suite.  The first line is "ready".
"""
import socket
import struct
import sys

ETH_P_ALL = 3


def payload(frame):
    """The UDP payload of a frame and its ports, or None"""
    if frame[12:14] == b"\x08\x00" and frame[23] == 17:
        at = 14 + (frame[14] & 15) * 4
    elif frame[12:14] == b"\x86\xdd" and frame[20] == 17:
        at = 14 + 40
    else:
        return None
    sport, dport, length = struct.unpack("!HHH", frame[at:at + 6])
    return sport, dport, frame[at + 8:at + length]


def describe(p):
    if len(p) > 16 and p[13] == 0xff:
        return f"piece {len(p)} {p[:8].hex()} {p[8:13].hex()} - - {p[15] & 7}"
    if len(p) < 28:
        return f"other {len(p)} - - - - -"
    return (f"head {len(p)} {p[:8].hex()} {p[8:13].hex()} {p[13:18].hex()} "
            f"{p[18] >> 3 & 7} {p[18] & 7}")


def main():
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 9993
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    sock.bind((sys.argv[1], 0))
    print("ready", flush=True)
    while True:
        frame, where = sock.recvfrom(65535)
        got = payload(frame)
        if where[2] != socket.PACKET_OUTGOING and got and port in got[:2]:
            print(describe(got[2]), flush=True)


if __name__ == "__main__":
    main()
