#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send a node what no node would send; print how many datagrams it were.

usage: hostile.py IP/PORT VICTIM.pub MODE ARGUMENT...
  junk N                 random bytes of all lengths up to 1600
  forged PEER.pub        in a peer's name: all flags, many lengths, no key
  strangers N            from addresses that nobody has
  pieces PEER.pub        all numbers of fragments, and heads without the rest
  hoard N                all pieces but the heads of N packets
  replayed DEVICE N      N packets that DEVICE sends, once more each
  mutated DEVICE         one that DEVICE sends: each bit turned, each length
  bodies ME VECTORS      authentic packets of ME: all verbs, bodies at random
                         and from the vectors, cut, turned and lengthened
  messages ME            authentic messages of ME with a body of each length up
                         to 1404; the type says how long it is
  member ME NWID         an authentic FRAME of ME for a network
  greeting ME PROTOCOL [MINOR REVISION]
                         an authentic HELLO of ME, which is 1.MINOR.REVISION
  trusting ME            packets of ME under suite 2, one of each verb
  flood N                HELLOs of identities that do not exist
  pushes ME IP N         N authentic PUSH_DIRECT_PATHS of 300 ports of IP, each
                         second time as an IPv6 address
  echoes ME N            N authentic ECHOs of 64 bytes
  greetings ME N         N authentic HELLOs
  meeting ME PEER.pub IP/PORT
                         an authentic RENDEZVOUS: the peer is said to be there
  verbs ME VERB BODY N   N authentic packets, both in hexadecimal
In the environment: SOURCE=IP/PORT to send from
"""
import itertools
import os
import random
import socket
import sys

import packets
import sniff

VERBS = 32


def junk(_victim, count):
    rng = random.Random(1)
    for i in range(int(count)):
        yield rng.randbytes(i % 1600 + 1)


def forged(victim, peer):
    src = packets.Identity(peer).address
    for flags in range(256):
        if flags >> 3 & 7 == 0:     # suite 0: HELLO has a way of its own
            continue
        for size in (28, 29, 44, 63, 300, 1432):
            yield packets.header(victim.address, src, flags & 0xbf,
                                 os.urandom(8)) + os.urandom(size - 27)


def strangers(victim, count):
    for i in range(int(count)):
        src = bytes([1 + i % 250]) + os.urandom(4)
        yield packets.header(victim.address, src, 0x88, os.urandom(8)) + os.urandom(50)


def pieces(victim, peer):
    src = packets.Identity(peer).address
    for count in range(256):
        for hops in (0, 7, 255):
            yield (os.urandom(8) + victim.address + b"\xff" + bytes([count, hops]) +
                   os.urandom(40))
    for _ in range(1000):
        yield packets.header(victim.address, src, 0xc8, os.urandom(8)) + os.urandom(1400)
    one = os.urandom(8)
    for i in range(1000):
        yield one + victim.address + b"\xff" + bytes([0x21, 0]) + os.urandom(i + 1)


def hoard(victim, count):
    for _ in range(int(count)):
        one = os.urandom(8)
        for no in range(1, 7):
            yield (one + victim.address + b"\xff" + bytes([0x70 | no, 0]) +
                   os.urandom(1400))


def captured(device, count):
    """That many packets with pings of 200 bytes that a device sends: what is
    no frame, as a probe of the path, may come twice"""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(sniff.ETH_P_ALL))
    tap.bind((device, 0))
    got = []
    while len(got) < count:
        frame, where = tap.recvfrom(65535)
        p = sniff.payload(frame)
        if where[2] == socket.PACKET_OUTGOING and p and 250 < len(p[2]) < 290:
            got.append(p[2])
    return got


def replayed(_victim, device, count):
    yield from captured(device, int(count))


def mutated(_victim, device):
    whole = captured(device, 1)[0]
    for i in range(8 * len(whole)):
        p = bytearray(whole)
        p[i // 8] ^= 1 << i % 8
        if p[18] & 7 == whole[18] & 7:  # the hops are not authentic
            yield bytes(p)
    for size in range(1, len(whole)):
        yield whole[:size]
    for more in (1, 16, 100):
        yield whole + os.urandom(more)


def seeds(paths):
    for path in paths:
        with open(path, encoding="ascii") as f:
            for line in f:
                if line.startswith("plain = "):
                    payload = bytes.fromhex(line[8:])[27:]
                    if payload:
                        yield payload


def payloads(paths):
    rng = random.Random(2)
    for verb in range(VERBS):
        if verb == 1:
            continue
        for size in (0, 1, 2, 3, 5, 8, 9, 13, 18, 30, 64, 400, 1300):
            for body in (bytes(size), b"\xff" * size, rng.randbytes(size)):
                yield bytes([verb]) + body
                yield bytes([verb | 0x80]) + body   # compressed, it says
    for seed in seeds(paths):
        if seed[0] & 31 == 1:
            continue
        for size in range(1, len(seed) + 1, 1 + len(seed) // 40):
            yield seed[:size]
        for _ in range(20):
            p = bytearray(seed)
            p[rng.randrange(1, len(p)) if len(p) > 1 else 0] ^= 1 << rng.randrange(8)
            yield bytes(p)
        yield seed + rng.randbytes(1300 - len(seed) % 1200)


def bodies(victim, me, *vectors):
    me = packets.Identity(me)
    key = me.agree(victim)
    # A slow machine takes a sample; every second body is one that is compressed,
    # it says, so an even step would have none or nothing else
    step = max(1, 1000 // int(os.environ.get("KZT_ROUNDS") or 1000)) | 1
    for payload in itertools.islice(payloads(vectors), 0, None, step):
        yield packets.armor(key, victim.address, me.address, payload[:1400])


def messages(victim, me):
    me = packets.Identity(me)
    key = me.agree(victim)
    made = [packets.armor(key, victim.address, me.address, b"\x14" + body)
            for size in range(1405)
            for body in [(65536 + size).to_bytes(8, "big")[:size] + b"m" * (size - 8)]]
    yield from made         # at once, as fast as it goes


def traces(victim, me, count):
    me = packets.Identity(me)
    key = me.agree(victim)
    for i in range(int(count)):
        body = b"event=1002\nremoteZtAddr=0123456789\npacketId=%016x\0" % i
        yield packets.armor(key, victim.address, me.address, b"\x15" + body * 2)


def member(victim, me, nwid):
    me = packets.Identity(me)
    yield packets.armor(me.agree(victim), victim.address, me.address,
                        b"\x06" + bytes.fromhex(nwid) + b"\x88\xb5" + bytes(46))


def greeting(victim, me, *version):
    me = packets.Identity(me)
    yield packets.armor(me.agree(victim), victim.address, me.address,
                        packets.hello(me.address, me.public, *map(int, version)))


def trusting(victim, me):
    src = packets.Identity(me).address
    for verb in range(VERBS):
        yield packets.header(victim.address, src, 2 << 3) + bytes([verb]) + bytes(40)


def flood(victim, count):
    for i in range(int(count)):
        src = bytes([1 + i % 250]) + os.urandom(4)
        yield (packets.header(victim.address, src, 0, os.urandom(8)) +
               packets.hello(src, os.urandom(64)))


def pushes(victim, me, target, count):
    me = packets.Identity(me)
    key = me.agree(victim)
    ports = itertools.count(1000)
    forms = (b"\4\6", b"\6\x12" + bytes(10) + b"\xff\xff")
    for _ in range(int(count)):
        entries = [bytes(3) + forms[i % 2] + socket.inet_aton(target) +
                   (next(ports) % 60000).to_bytes(2, "big") for i in range(300)]
        yield packets.armor(key, victim.address, me.address,
                            b"\x10" + len(entries).to_bytes(2, "big") + b"".join(entries))


def echoes(victim, me, count):
    me = packets.Identity(me)
    key = me.agree(victim)
    for _ in range(int(count)):
        yield packets.armor(key, victim.address, me.address, b"\x08" + bytes(64))


def greetings(victim, me, count):
    for _ in range(int(count)):
        yield from greeting(victim, me, 12)


def meeting(victim, me, peer, endpoint):
    me = packets.Identity(me)
    ip, port = endpoint.split("/")
    yield packets.armor(me.agree(victim), victim.address, me.address,
                        b"\5\0" + packets.Identity(peer).address +
                        int(port).to_bytes(2, "big") + b"\4" + socket.inet_aton(ip))


def verbs(victim, me, verb, body, count):
    me = packets.Identity(me)
    key = me.agree(victim)
    for _ in range(int(count)):
        yield packets.armor(key, victim.address, me.address, bytes.fromhex(verb + body))


def main():
    address, victim, mode = sys.argv[1:4]
    make = {f.__name__: f for f in (junk, forged, strangers, pieces, hoard, replayed,
                                    mutated, bodies, messages, traces, member,
                                    greeting, trusting, flood, pushes, echoes, greetings, meeting,
                                    verbs)}[mode]
    sock = packets.udp(address, os.environ.get("SOURCE"))
    sent = 0
    for datagram in make(packets.Identity(victim), *sys.argv[4:]):
        try:
            sock.send(datagram)
        except ConnectionRefusedError:  # of the one before
            sock.send(datagram)
        sent += 1
    print(sent)


if __name__ == "__main__":
    main()
