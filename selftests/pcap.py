#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Write a capture of Ethernet frames.

usage: pcap.py [--ng] OUT <LINES
A line is a frame in hexadecimal, or "udp IP PORT IP PORT PAYLOAD", which gets
its headers. --ng: pcapng instead of the old format."""
import ipaddress
import struct
import sys


def udp(src, sport, dst, dport, payload):
    src, dst = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    datagram = struct.pack(">HHHH", int(sport), int(dport), 8 + len(payload), 0) + payload
    if len(src) == 16:
        return (b"\2" * 6 + b"\4" * 6 + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(datagram), 17, 64) +
                src + dst + datagram)
    return (b"\2" * 6 + b"\4" * 6 + b"\x08\x00" +
            struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0) + src + dst + datagram)


def frame(line):
    words = line.split()
    if words[0] == "udp":
        return udp(*words[1:5], bytes.fromhex(words[5]))
    return bytes.fromhex("".join(words))


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def main():
    args = sys.argv[1:]
    ng = args[0] == "--ng"
    frames = [frame(line) for line in sys.stdin if line.strip()]
    with open(args[-1], "wb") as out:
        if ng:
            out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
            out.write(block(1, struct.pack("<HHI", 1, 0, 0)))
        else:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, f in enumerate(frames):
            if ng:
                out.write(block(6, struct.pack("<IIIII", 0, 0, 1000 + i, len(f), len(f)) + f))
            else:
                out.write(struct.pack("<IIII", 0, 1000 + i, len(f), len(f)) + f)


main()
