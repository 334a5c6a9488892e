#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""UDP datagrams of each size, sent back by the other end and compared.

usage: udpsizes.py serve
       udpsizes.py ADDRESS FIRST LAST [STEP]

A size is asked for up to five times, for datagrams may be lost.
"""
import os
import socket
import sys
import time

PORT = 7007


def serve():
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", PORT))
    while True:
        data, who = sock.recvfrom(65535)
        sock.sendto(data, who)


def echo(sock, size):
    data = os.urandom(size)
    for _ in range(5):
        try:
            sock.send(data)
            while True:
                got = sock.recv(65535)
                if got == data:
                    return True
                if len(got) == size:
                    print(f"{size} bytes came back changed")
        except TimeoutError:
            pass
        except ConnectionRefusedError:  # it is not there yet
            time.sleep(1)
    print(f"{size} bytes did not come back")
    return False


def main():
    if sys.argv[1] == "serve":
        serve()
    address, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    step = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect((address, PORT))
    bad = [size for size in range(first, last + 1, step) if not echo(sock, size)]
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
