# SPDX-License-Identifier: GPL-2.0
"""Packets made by hand, for tests that send what no node would.

Suite 0 only: authentic, not encrypted.  Slow, and free of dependencies.
"""
import hashlib
import os
import socket
import struct

P25519 = 2 ** 255 - 19
P1305 = 2 ** 130 - 5


def x25519(scalar, u):
    k = int.from_bytes(scalar, "little") & ~7 & (1 << 255) - 1 | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P25519, b * b % P25519, d * a % P25519, c * b % P25519
        e = aa - bb
        x3, z3 = pow(da + cb, 2, P25519), x1 * pow(da - cb, 2, P25519) % P25519
        x2, z2 = aa * bb % P25519, e * (aa + 121665 * e) % P25519
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P25519 - 2, P25519) % P25519).to_bytes(32, "little")


def salsa20_12(key, nonce):
    """The first block of the keystream"""
    k = struct.unpack("<8I", key)
    c = struct.unpack("<4I", b"expand 32-byte k")
    start = [c[0], *k[:4], c[1], *struct.unpack("<2I", nonce), 0, 0, c[2], *k[4:], c[3]]
    x = list(start)

    def quarter(a, b, c, d):
        for to, p, q, by in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
            v = x[p] + x[q] & 0xffffffff
            x[to] ^= (v << by | v >> 32 - by) & 0xffffffff

    for _ in range(6):
        for q in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
                  (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            quarter(*q)
    return struct.pack("<16I", *(a + b & 0xffffffff for a, b in zip(x, start)))


def poly1305(key, msg):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    h = 0
    for i in range(0, len(msg), 16):
        h = (h + int.from_bytes(msg[i:i + 16] + b"\1", "little")) * r % P1305
    return (h + int.from_bytes(key[16:32], "little") & (1 << 128) - 1).to_bytes(16, "little")


class Identity:
    """As in a file of "kzt identity" """

    def __init__(self, path):
        with open(path, encoding="ascii") as f:
            words = f.read().strip().split(":")
        self.address = bytes.fromhex(words[0])
        self.public = bytes.fromhex(words[2])
        self.secret = bytes.fromhex(words[3]) if len(words) > 3 else None

    def agree(self, other):
        shared = x25519(self.secret[:32], other.public[:32])
        return hashlib.sha512(shared).digest()[:32]


def header(dst, src, flags=0, mac=bytes(8), wire_id=None):
    return (wire_id or os.urandom(8)) + dst + src + bytes([flags]) + mac


def armor(key, dst, src, payload, flags=0):
    """An authentic packet; @payload is the verb and its body"""
    head = header(dst, src, flags)
    size = len(head) + len(payload)
    m = bytearray(key)
    for i in range(18):
        m[i] ^= head[i]
    m[18] ^= flags & 0xf8
    m[19] ^= size & 255
    m[20] ^= size >> 8
    mac = poly1305(salsa20_12(bytes(m), head[:8])[:32], payload)[:8]
    return head[:19] + mac + payload


def unpack(block):
    """A raw LZ4 block (spec 1, section 6)"""
    out, at = bytearray(), 0

    def length(n):
        nonlocal at
        more = 255 if n == 15 else 0
        while more == 255:
            more = block[at]
            at += 1
            n += more
        return n

    while True:
        token = block[at]
        at += 1
        n = length(token >> 4)
        out += block[at:at + n]
        at += n
        if at >= len(block):
            return bytes(out)
        distance = int.from_bytes(block[at:at + 2], "little")
        at += 2
        for _ in range(length(token & 15) + 4):
            out.append(out[-distance])


def hello(identity_address, public, proto=12, minor=14, revision=1):
    """Verb and body of a HELLO"""
    return (b"\x01" + bytes([proto, 1, minor, 0, revision]) + struct.pack("!Q", 1700000000000) +
            identity_address + b"\0" + public + b"\0" + b"\0" + struct.pack("!QQ", 0, 0))


def udp(address, source=None):
    """A socket connected to IP/PORT, from any address or from IP/PORT"""
    ip, port = address.rsplit("/", 1)
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if source:
        ip_from, port_from = source.rsplit("/", 1)
        sock.bind((ip_from, int(port_from)))
    sock.connect((ip, int(port)))
    return sock
