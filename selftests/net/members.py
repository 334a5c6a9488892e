#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Many members of a network, for a test of its controller: each has an identity,
a socket and an address of its own, says HELLO, asks for its configuration, and
checks what it gets: the packet's authenticity, the controller's signature over
each chunk, and for whom it is.

usage: members.py fill API NWID IDS COUNT OTHERS
           put the members into the controller's database: COUNT of the
           identities in IDS, and OTHERS that never come and have addresses
       members.py join API NWID IDS COUNT CONTROLLER.pub IP/PORT [CHANGE]
           all of them ask; then CHANGE, if any, is posted to the network, and
           they wait for what is pushed.  Prints an object: "members" by address,
           "bad" that was refused and why, times in milliseconds

API is the HTTP socket of the controller's agent, IDS a directory with identities
1, 2, ...  Member i sends from 172.16.i.1: a controller lets only so many
strangers of one network in at once.
"""
import collections
import ctypes
import hashlib
import http.client
import ipaddress
import itertools
import json
import os
import re
import selectors
import socket
import statistics
import struct
import sys
import time

import packets

HELLO, ERROR, OK, ECHO, REQUEST, CONFIG = 1, 2, 3, 8, 11, 12
PROTOCOL = 11               # the last that is answered in Salsa20/12
AGAIN_S = 1.5               # a controller hears a member once a second
IDLE_S = 0.02
PATIENCE_S = 60
SO_TIMESTAMPNS = 35
META = b"\n".join(b"%s=%016x" % pair for pair in (
    (b"v", 7), (b"vend", 0), (b"pv", PROTOCOL), (b"majv", 1), (b"minv", 6),
    (b"revv", 0), (b"mr", 1024), (b"mc", 128), (b"mcr", 64), (b"mt", 128),
    (b"f", 0), (b"revr", 1)))
sodium = ctypes.CDLL("libsodium.so.23")


# --- what packets.py does slowly, for a thousand packets ---

def size_of(data):
    return ctypes.c_ulonglong(len(data))


def agree(secret, public):
    shared = ctypes.create_string_buffer(32)
    if sodium.crypto_scalarmult_curve25519(shared, secret[:32], public[:32]):
        raise ValueError("a weak key")
    return hashlib.sha512(shared.raw).digest()[:32]


def stream(key, nonce, size):
    out = ctypes.create_string_buffer(size)
    sodium.crypto_stream_salsa2012(out, ctypes.c_ulonglong(size), nonce, key)
    return out.raw


def packet_stream(key, head, size):
    """The keystream of a packet of @size octets that begins with @head"""
    m = bytearray(key)
    for i in range(18):
        m[i] ^= head[i]
    m[18] ^= head[18] & 0xf8
    m[19] ^= size & 255
    m[20] ^= size >> 8
    return stream(bytes(m), head[:8], 64 + size)


def mac_of(key, data):
    out = ctypes.create_string_buffer(16)
    sodium.crypto_onetimeauth_poly1305(out, data, size_of(data), key)
    return out.raw[:8]


def xor(a, b):
    n = int.from_bytes(a, "big") ^ int.from_bytes(b[:len(a)], "big")
    return n.to_bytes(len(a), "big")


def seal(key, dst, src, payload, suite):
    """A packet, and its id"""
    head = packets.header(dst, src, 0x88 if suite else 0)
    keys = packet_stream(key, head, len(head) + len(payload))
    if suite:
        payload = xor(payload, keys[64:])
    return head[:19] + mac_of(keys[:32], payload) + payload, head[:8]


def unseal(key, packet):
    """Verb and body of a packet, or None if it is not authentic"""
    keys = packet_stream(key, packet[:27], len(packet))
    suite, rest = packet[18] >> 3 & 7, packet[27:]
    if suite > 1 or mac_of(keys[:32], rest) != packet[19:27]:
        return None
    return xor(rest, keys[64:]) if suite else rest


def signed(public, message, signature):
    digest = hashlib.sha512(message).digest()[:32]
    return signature[64:] == digest and not sodium.crypto_sign_ed25519_verify_detached(
        signature[:64], digest, size_of(digest), public[32:])


# --- configurations ---

def dictionary(raw):
    names = {b"0": b"\0", b"n": b"\n", b"r": b"\r", b"e": b"="}
    found = {}
    for line in raw.split(b"\n"):
        key, is_pair, value = line.partition(b"=")
        if is_pair:
            found.setdefault(key.decode(), re.sub(
                rb"\\(.?)", lambda m: names.get(m[1], m[1]), value, flags=re.DOTALL))
    return found


def prefix(raw):
    """An address record as text, and what follows it"""
    size = {0: 0, 4: 4, 6: 16}[raw[0]]
    if not size:
        return None, raw[1:]
    ip = ipaddress.ip_address(raw[1:1 + size])
    return f"{ip}/{int.from_bytes(raw[1 + size:3 + size], 'big')}", raw[3 + size:]


def prefixes(raw, behind):
    """Address records of which each is followed by as many more and octets"""
    found = []
    while raw:
        ip, raw = prefix(raw)
        for _ in range(behind[0]):
            _, raw = prefix(raw)
        raw = raw[behind[1]:]
        found.append(ip)
    return found


class Member:
    def __init__(self, number, identity, controller, nwid):
        self.me, self.controller, self.nwid = identity, controller, nwid
        self.key = agree(identity.secret, controller.public)
        self.name = identity.address.hex()
        self.sock = None
        self.number = number
        self.greeted = False
        self.requests = set()
        self.pieces = collections.defaultdict(dict)     # by packet id
        self.chunks = collections.defaultdict(dict)     # by update id
        self.answer = self.push = None                  # what came, and when
        self.refused = []

    def open(self, to):
        self.sock = packets.udp(to, f"172.16.{self.number}.1/9993")
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def send(self, verb, body, suite=1):
        packet, wire_id = seal(self.key, self.controller.address, self.me.address,
                               bytes([verb]) + body, suite)
        self.sock.send(packet)
        return wire_id

    def remind(self):
        """Say once more what was not answered"""
        if not self.greeted:
            self.send(HELLO, packets.hello(self.me.address, self.me.public, PROTOCOL)[1:], 0)
        elif not self.answer:
            self.requests.add(self.send(REQUEST, self.nwid + len(META).to_bytes(2, "big") +
                                        META + bytes(16)))

    def datagram(self, data, at):
        if len(data) > 16 and data[13] == 0xff:
            wire_id, number, total = data[:8], data[14] & 15, data[14] >> 4
            self.pieces[wire_id]["total"] = total
            self.pieces[wire_id][number] = data[16:]
        elif data[18] & 0x40:
            wire_id = data[:8]
            self.pieces[wire_id][0] = data
        else:
            self.packet(data, at)
            return
        got = self.pieces[wire_id]
        if "total" in got and all(i in got for i in range(got["total"])):
            self.packet(b"".join(got[i] for i in range(got["total"])), at)
            del self.pieces[wire_id]

    def packet(self, packet, at):
        if len(packet) < 28 or packet[8:18] != self.me.address + self.controller.address:
            return
        payload = unseal(self.key, packet)
        if payload is None:
            self.refused.append("a packet that is not authentic")
            return
        verb, body = payload[0] & 31, payload[1:]
        if payload[0] & 0x80:
            body = packets.unpack(body)
        if verb == HELLO:
            self.send(OK, bytes([HELLO]) + packet[:8] + body[5:13] +
                      bytes([PROTOCOL, 1, 6, 0, 0, 0, 0, 0]))
        elif verb == ECHO:
            self.send(OK, bytes([ECHO]) + packet[:8] + body)
        elif verb == ERROR and body[0] == REQUEST:
            self.refused.append(f"the controller's error {body[9]}")
        elif verb == OK and body[0] == HELLO:
            self.greeted = True
        elif verb == OK and body[0] == REQUEST and body[1:9] in self.requests:
            self.answer = self.chunk(body[9:], at) or self.answer
        elif verb == CONFIG:
            self.push = self.chunk(body, at) or self.push

    def chunk(self, body, at):
        """A configuration and when it came, if this was the last of it"""
        size = int.from_bytes(body[8:10], "big")
        flags, update, total, start, kind, length = struct.unpack_from(
            "!BQIIBH", body, 10 + size)
        if (body[:8] != self.nwid or flags or kind != 1 or length != 96 or
                not signed(self.controller.public, body[:27 + size],
                           body[30 + size:126 + size])):
            self.refused.append("a chunk without the controller's signature")
            return None
        got = self.chunks[update]
        got[start] = body[10:10 + size]
        if sum(map(len, got.values())) < total:
            return None
        conf = dictionary(b"".join(got[i] for i in sorted(got)))
        if conf["nwid"] != self.nwid.hex().encode() or conf["id"] != self.name.encode():
            self.refused.append(f"a configuration of {conf['id']} in {conf['nwid']}")
            return None
        return {"ips": prefixes(conf.get("I", b""), (0, 0)),
                "routes": prefixes(conf.get("RT", b""), (1, 4)),
                "revision": int(conf["r"], 16), "timestamp": int(conf["ts"], 16)}, at


def read(sock):
    """All that waits there, with when the kernel got it"""
    while True:
        try:
            data, ancillary, _, _ = sock.recvmsg(2048, 64)
        except BlockingIOError:
            return
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
        yield data, seconds + nanoseconds / 1e9


def serve(members, done):
    """Until @done of each of them.  What comes is read at once and looked at when
    nothing more comes: who is measured has the CPU until then."""
    end = time.monotonic() + PATIENCE_S * float(os.environ.get("KZT_SLOW") or 1)
    selector = selectors.DefaultSelector()
    waiting = []
    remind = 0
    for m in members:
        selector.register(m.sock, selectors.EVENT_READ, m)
    while time.monotonic() < end and not all(map(done, members)):
        ready = selector.select(IDLE_S)
        for key, _ in ready:
            waiting.extend((key.data, *got) for got in read(key.fileobj))
        if not ready:
            for m, data, at in waiting:
                m.datagram(data, at)
            waiting = []
            if time.monotonic() >= remind:
                remind = time.monotonic() + AGAIN_S
                for m in members:
                    m.remind()
    selector.close()


# --- the two commands ---

class Api(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def post(self, path, what):
        self.request("POST", "/controller/network/" + path, json.dumps(what))
        reply = self.getresponse()
        said = reply.read()
        if reply.status != 200:
            raise SystemExit(f"members.py: {path}: status {reply.status}: {said}")


def identities(directory, count):
    return [packets.Identity(f"{directory}/{i + 1}") for i in range(int(count))]


def fill(api, nwid, directory, count, others):
    api = Api(api)
    for identity in identities(directory, count):
        api.post(f"{nwid}/member/{identity.address.hex()}", {"authorized": True})
    first = ipaddress.ip_address("10.99.0.1")
    for i in range(int(others)):
        api.post(f"{nwid}/member/{i + 1:010x}",
                 {"authorized": True, "ipAssignments": [str(first + i)]})


def times(start, ends):
    ms = sorted(1000 * (end - start) for end in ends)
    return ({"first": round(ms[0]), "median": round(statistics.median(ms)),
             "last": round(ms[-1])} if ms else {})


def join(api, nwid, directory, count, controller, to, change=None):
    controller = packets.Identity(controller)
    members = [Member(i, identity, controller, bytes.fromhex(nwid))
               for i, identity in enumerate(identities(directory, count))]
    for m in members:
        m.open(to)
    start = time.time()
    serve(members, lambda m: m.answer)
    result = {"configured-ms": times(start, [m.answer[1] for m in members if m.answer])}
    if change:
        for m in members:
            m.push = None
        start = time.time()
        Api(api).post(nwid, json.loads(change))
        serve(members, lambda m: m.push)
        result["pushed-ms"] = times(start, [m.push[1] for m in members if m.push])
        result["pushed"] = {m.name: m.push[0] for m in members if m.push}
    result["members"] = {m.name: m.answer[0] for m in members if m.answer}
    result["bad"] = sorted(set(itertools.chain.from_iterable(m.refused for m in members)))
    print(json.dumps(result))


if __name__ == "__main__":
    {"fill": fill, "join": join}[sys.argv[1]](*sys.argv[2:])
