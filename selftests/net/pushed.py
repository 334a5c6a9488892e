#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Be a member of a network that a node takes into its confidence, and print the
endpoints that it then says it has (PUSH_DIRECT_PATHS), one a line.

usage: pushed.py IP/PORT VICTIM.pub ME SOURCE NWID HOPS [SURFACE]
  SOURCE, SURFACE: IP/PORT to send from, and where it sees the node
  HOPS: that the member's frame has behind it: 0 or 1
"""
import ipaddress
import socket
import struct
import sys
import time

import members
import packets

HELLO, OK, FRAME, PUSH = 1, 3, 6, 16
COMPRESSED = 0x80
PATIENCE_S = 20


def hello(me, surface):
    """One of a node that has no AES yet"""
    body = packets.hello(me.address, me.public, members.PROTOCOL)
    if not surface:
        return body
    ip, port = surface.split("/")
    return body[:-17] + b"\4" + socket.inet_aton(ip) + struct.pack("!H", int(port)) + body[-16:]


def until(sock, key, verb):
    """The body of the next packet with this verb"""
    end = time.time() + PATIENCE_S
    while time.time() < end:
        sock.settimeout(max(0.01, end - time.time()))
        payload = members.unseal(key, sock.recv(2000))
        if payload and payload[0] & 31 == verb:
            return packets.unpack(payload[1:]) if payload[0] & COMPRESSED else payload[1:]
    raise SystemExit("nothing came")


def endpoints(body):
    at = 2
    for _ in range(struct.unpack("!H", body[:2])[0]):
        at += 3 + struct.unpack("!H", body[at + 1:at + 3])[0]
        size = body[at + 1]
        entry = body[at + 2:at + 2 + size]
        at += 2 + size
        yield f"{ipaddress.ip_address(entry[:-2])}/{int.from_bytes(entry[-2:], 'big')}"


def main():
    address, victim, me, source, nwid, hops, *surface = sys.argv[1:]
    victim, me = packets.Identity(victim), packets.Identity(me)
    key = members.agree(me.secret, victim.public)
    sock = packets.udp(address, source)
    sock.send(packets.armor(key, victim.address, me.address, hello(me, *surface or [None])))
    until(sock, key, OK)
    frame = packets.armor(key, victim.address, me.address,
                          bytes([FRAME]) + bytes.fromhex(nwid) + b"\x88\xb5" + bytes(46))
    # How often it was relayed is not authentic
    sock.send(frame[:18] + bytes([frame[18] | int(hops)]) + frame[19:])
    print(*endpoints(until(sock, key, PUSH)), sep="\n")


main()
