#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Send bytes both ways over one TCP connection and compare their hashes.

usage: tcpsum.py serve|call ADDRESS PORT BYTES
Each side sends BYTES from a generator that the other can repeat, then reads as
many; exit status 0 if what came is what was sent."""
import hashlib
import random
import socket
import sys
import threading
import time

CHUNK = 1 << 16
LIMIT = 240


def stream(seed, size):
    block = random.Random(seed).randbytes(CHUNK)
    for i in range(0, size, CHUNK):
        # Blocks differ, so that one in a wrong place is seen
        yield (i.to_bytes(8, "big") + block[8:])[:min(CHUNK, size - i)]


def send(conn, seed, size):
    for chunk in stream(seed, size):
        conn.sendall(chunk)


def receive(conn, size):
    digest, left = hashlib.sha256(), size
    while left:
        data = conn.recv(min(CHUNK, left))
        if not data:
            raise SystemExit(f"ended {left} bytes early")
        digest.update(data)
        left -= len(data)
    return digest.hexdigest()


def want(seed, size):
    digest = hashlib.sha256()
    for chunk in stream(seed, size):
        digest.update(chunk)
    return digest.hexdigest()


def main():
    role, address, port, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if role == "serve":
        server = socket.socket(family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, port))
        server.listen()
        server.settimeout(LIMIT)
        conn, _ = server.accept()
    else:
        for attempt in range(100):
            conn = socket.socket(family)
            conn.settimeout(20)
            try:
                conn.connect((address, port))
                break
            except ConnectionRefusedError:
                conn.close()
                time.sleep(0.1)
        else:
            raise SystemExit("nobody listens")
    conn.settimeout(LIMIT)
    mine, theirs = (1, 2) if role == "serve" else (2, 1)
    sender = threading.Thread(target=send, args=(conn, mine, size), daemon=True)
    sender.start()
    got = receive(conn, size)
    sender.join(LIMIT)
    conn.shutdown(socket.SHUT_WR)
    if got != want(theirs, size):
        raise SystemExit("other bytes came than were sent")


main()
