#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a controller signs, made by hand: for tests that say what no controller
would, or when none would.  Prints bodies in hexadecimal.

usage: signed.py revocation SECRET NWID TARGET TYPE ID THRESHOLD FLAGS
           a NETWORK_CREDENTIALS with this one; spec 4.8.5, 4.9.1
       signed.py chunks SECRET NWID FILE OFFSET...
           of an update to the dictionary in FILE, which begin at these octets,
           one in a line; spec 4.7.1.  FLAGS in the environment are theirs
       signed.py com SECRET NWID MEMBER.pub TIMESTAMP
           a certificate of membership; spec 4.8.1
SECRET is the identity of the controller; TYPE and FLAGS are decimal, ID and
THRESHOLD (ms), too.
"""
import ctypes
import hashlib
import os
import struct
import sys

import packets

sodium = ctypes.CDLL("libsodium.so.23")


def sign(identity, message):
    """Of a node, spec 2.11"""
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    sodium.crypto_sign_ed25519_seed_keypair(public, secret, identity.secret[32:])
    digest, signature = hashlib.sha512(message).digest()[:32], ctypes.create_string_buffer(64)
    sodium.crypto_sign_ed25519_detached(signature, None, digest, ctypes.c_ulonglong(32), secret)
    return signature.raw + digest


def revocation(path, nwid, target, kind, number, threshold, flags):
    identity, mark = packets.Identity(path), b"\x7f" * 8
    fields = struct.pack("!II8sIIQQ5s5sB", 0, int.from_bytes(os.urandom(4), "big"),
                         bytes.fromhex(nwid), 0, int(number), int(threshold), int(flags),
                         bytes.fromhex(target), identity.address, int(kind))
    signature = sign(identity, mark + fields + bytes(2) + mark)
    print((bytes(6) + b"\1" + fields + b"\1\0\x60" + signature + bytes(2) + bytes(2)).hex())


def chunks(path, nwid, file, *offsets):
    identity, update = packets.Identity(path), os.urandom(7) + b"\1"
    with open(file, "rb") as f:
        whole = f.read()
    starts = [*map(int, offsets), len(whole)]
    for start, end in zip(starts, starts[1:]):
        body = (bytes.fromhex(nwid) + struct.pack("!H", end - start) + whole[start:end] +
                bytes([int(os.environ.get("FLAGS", "0"))]) +
                update + struct.pack("!II", len(whole), start))
        print((body + b"\1\0\x60" + sign(identity, body)).hex())


def com(path, nwid, member, timestamp):
    identity, of = packets.Identity(path), packets.Identity(member)
    any_delta = 2 ** 64 - 1
    values = [(int(timestamp), 1800000), (int(nwid, 16), 0),
              (int.from_bytes(of.address, "big"), any_delta)]
    values += [(v, any_delta) for v in struct.unpack(
        "!4Q", hashlib.sha384(of.address + of.public).digest()[:32])]
    qualifiers = b"".join(struct.pack("!QQQ", i, *pair) for i, pair in enumerate(values))
    print((b"\1" + struct.pack("!H", len(values)) + qualifiers + identity.address +
           sign(identity, qualifiers)).hex())


{"revocation": revocation, "chunks": chunks, "com": com}[sys.argv[1]](*sys.argv[2:])
