#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A node made by hand that says to another what no node would, and prints what
comes back, a JSON object a line: "verb" and "body", hexadecimal.

usage: asker.py IP/PORT THEM.pub ME ask PAYLOAD...
           verb and body of each; what is answered, with "to", the number of the
           payload before it.  It is over when an ECHO behind the last one is answered
       asker.py IP/PORT THEM.pub ME listen SECONDS
           all that comes, with "ms", the time
PAYLOADs are hexadecimal, or several with commas between them, or @FILE that has them;
NWID, MINE and THEIRS in them stand for the network in the environment and for the MAC
addresses of both there (spec 4.1.2).
"""
import json
import os
import select
import sys
import time

import packets
from members import ECHO, HELLO, OK, PROTOCOL, agree, seal, unseal

AGAIN_S = 0.3   # more than the gates of ECHO let wait
GREET_S = 20


def mac(nwid, address):
    first = nwid[7] & 0xfe | 2
    return bytes([0x32 if first == 0x52 else first] +
                 [a ^ n for a, n in zip(address, nwid[6:1:-1])])


class Asker:
    def __init__(self, to, them, me):
        self.sock = packets.udp(to, os.environ.get("SOURCE"))
        self.them, self.me = packets.Identity(them), packets.Identity(me)
        self.key = agree(self.me.secret, self.them.public)
        self.got = []

    def send(self, payload, suite=1):
        packet, wire_id = seal(self.key, self.them.address, self.me.address, payload, suite)
        self.sock.send(packet)
        return wire_id

    def greet(self):
        return self.send(packets.hello(self.me.address, self.me.public, PROTOCOL), 0)

    def answer(self, packet, verb, body):
        """What keeps a path; whether that was all there is to it"""
        if verb == HELLO:
            self.send(bytes([OK, HELLO]) + packet[:8] + body[5:13] +
                      bytes([PROTOCOL, 1, 6, 0, 0, 0, 0, 0]))
        elif verb == ECHO:
            self.send(bytes([OK, ECHO]) + packet[:8] + body)
        return verb in (HELLO, ECHO)

    def hear(self, seconds):
        """(verb, body) of packets, until so much time has passed"""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                return
            packet = self.sock.recv(65536)
            if len(packet) < 28 or packet[8:18] != self.me.address + self.them.address:
                continue
            payload = unseal(self.key, packet)
            if payload is None:
                continue
            verb, body = payload[0] & 31, payload[1:]
            if payload[0] & 0x80:
                body = packets.unpack(body)
            if not self.answer(packet, verb, body):
                yield verb, body

    def until(self, verb, say):
        """Say it until it is answered by OK; what else comes meanwhile"""
        ids = set()
        while True:
            ids.add(say())
            for got, body in self.hear(AGAIN_S):
                if got == OK and body[0] == verb and body[1:9] in ids:
                    return
                yield got, body


def tell(verb, body, **more):
    print(json.dumps({**more, "verb": verb, "body": body.hex()}), flush=True)


def ask(asker, *payloads):
    nwid = bytes.fromhex(os.environ.get("NWID", "00" * 8))
    for _ in asker.until(HELLO, asker.greet):
        pass
    for number, text in enumerate(payloads):
        if text[0] == "@":
            with open(text[1:], encoding="ascii") as f:
                text = f.read().strip()
        for word, value in (("NWID", nwid), ("MINE", mac(nwid, asker.me.address)),
                            ("THEIRS", mac(nwid, asker.them.address))):
            text = text.replace(word, value.hex())
        for packet in text.split(","):
            asker.send(bytes.fromhex(packet))
        for verb, body in asker.until(ECHO, lambda: asker.send(bytes([ECHO]) + b"fence")):
            tell(verb, body, to=number)


def listen(asker, seconds):
    for _ in asker.until(HELLO, asker.greet):
        pass
    print("ready", flush=True)
    end = time.monotonic() + float(seconds)
    while (left := end - time.monotonic()) > 0:
        for verb, body in asker.hear(min(left, GREET_S)):
            tell(verb, body, ms=time.time_ns() // 1000000)
        asker.greet()


if __name__ == "__main__":
    {"ask": ask, "listen": listen}[sys.argv[4]](Asker(*sys.argv[1:4]), *sys.argv[5:])
