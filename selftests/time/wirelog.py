#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print a line for each datagram that comes in by some devices, until killed:
"MS SOURCE DESTINATION BYTES", with the time of day and IPv4 addresses.

usage: wirelog.py DEVICE...
The first line is "ready"."""
import select
import socket
import sys
import time

ETH_P_ALL = 3   # what a bridge takes does not come to listeners for IP


def listen(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((device, 0))
    return sock


def tell(frame):
    """What there is to say of a frame, or None"""
    at = 14 + (frame[14] & 15) * 4
    if frame[12:14] != b"\x08\0" or frame[23] != socket.IPPROTO_UDP or \
             int.from_bytes(frame[20:22], "big") & 0x1fff:
        return None
    ends = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
    size = int.from_bytes(frame[at + 4:at + 6], "big") - 8
    return f"{time.time_ns() // 1000000} {ends[0]} {ends[1]} {size}"


def main():
    socks = [listen(device) for device in sys.argv[1:]]
    print("ready", flush=True)
    while True:
        for sock in select.select(socks, [], [])[0]:
            frame, where = sock.recvfrom(65535)
            line = None if where[2] == socket.PACKET_OUTGOING else tell(frame)
            if line:
                print(line, flush=True)


if __name__ == "__main__":
    main()
