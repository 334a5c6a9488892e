#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Control packets of networks from and to the node of this namespace, in place
of an agent: for tests that say what no agent would.

usage: control.py say ADDRESS VERB BODY    all hexadecimal, BODY without the verb
       control.py hear                     what comes in, and when ("ms"), a JSON
                                           object a line
"""
import json
import socket
import struct
import sys
import time

NETLINK_GENERIC, REQUEST, ACK, ERROR = 16, 1, 4, 2
CTRL, GETFAMILY, FAMILY_ID, FAMILY_NAME = 16, 3, 1, 2
# Numbers of uapi/linux/kzt.h
AGENT_REGISTER, PACKET_SEND, PACKET_NTF = 21, 26, 27
CONTROLLER = 22
ADDRESS, DATA, PACKET_ID, VERB, EXPECT = 2, 4, 5, 6, 13
NETWORK_CONFIG_REQUEST = 0x0b		# the one that is answered


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(raw):
    found = {}
    while len(raw) >= 4:
        size, kind = struct.unpack("=HH", raw[:4])
        found[kind & 0x3fff] = raw[4:size]
        raw = raw[size + 3 & ~3:]
    return found


class Netlink:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        answer = self.ask(CTRL, GETFAMILY, attribute(FAMILY_NAME, b"kzt\0"))
        self.family = struct.unpack("=H", answer[FAMILY_ID])[0]

    def messages(self):
        """(type, command, what follows) of those that one read brings"""
        raw = self.socket.recv(1 << 17)
        while len(raw) >= 16:
            size, kind = struct.unpack("=IH", raw[:6])
            yield kind, raw[16], raw[16:size]
            raw = raw[size + 3 & ~3:]

    def ask(self, family, command, attrs):
        self.socket.send(struct.pack("=IHHIIBBH", 20 + len(attrs), family, REQUEST | ACK,
                                     1, 0, command, 1, 0) + attrs)
        answer = {}
        while True:
            for kind, _, body in self.messages():
                if kind == family:
                    answer = attributes(body[4:])
                elif kind == ERROR:
                    error = -struct.unpack("=i", body[:4])[0]
                    if error:
                        raise SystemExit(f"control.py: the module says {error}")
                    return answer


def say(to, verb, body):
    link = Netlink()
    link.ask(link.family, PACKET_SEND, attribute(ADDRESS, struct.pack("=Q", to)) +
             attribute(VERB, bytes([verb])) + attribute(DATA, body) +
             attribute(EXPECT, bytes([verb == NETWORK_CONFIG_REQUEST])))


def hear():
    link = Netlink()
    link.ask(link.family, AGENT_REGISTER, attribute(CONTROLLER, b"\1"))
    print(json.dumps({"ready": True}), flush=True)
    while True:
        for _, command, body in link.messages():
            if command != PACKET_NTF:
                continue
            got = attributes(body[4:])
            print(json.dumps({
                "ms": time.time_ns() // 1000000,
                "from": f"{struct.unpack('=Q', got[ADDRESS])[0]:010x}",
                "id": f"{struct.unpack('=Q', got[PACKET_ID])[0]:016x}",
                "verb": got[VERB][0], "data": got[DATA].hex()}), flush=True)


if sys.argv[1] == "say":
    say(int(sys.argv[2], 16), int(sys.argv[3], 16), bytes.fromhex(sys.argv[4]))
else:
    hear()
