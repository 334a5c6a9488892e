# SPDX-License-Identifier: GPL-2.0
"""The netlink family by hand: for tests that ask as no tool would."""
import os
import re
import socket
import struct

GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = os.path.dirname(__file__) + "/../../uapi/linux/kzt.h"


def constants():
    """Names of the enumerations in the header that the specification gives"""
    found = {}
    with open(HEADER, encoding="ascii") as f:
        for body in re.findall(r"enum[^{]*\{([^}]*)\}", f.read()):
            value = -1
            for name, given in re.findall(r"^\s*(\w+)(?: = (\d+))?", body, re.M):
                value = int(given) if given else value + 1
                found[name] = value
    return found


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def u64(kind, value):
    return attribute(kind, struct.pack("=Q", value))


def u32(kind, value):
    return attribute(kind, struct.pack("=I", value))


def identity(address):
    """A public one that nobody has"""
    return address.to_bytes(5, "big") + b"\0" + os.urandom(64) + b"\0"


class Netlink:
    def __init__(self, protocol=16):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.sock.bind((0, 0))
        self.sequence = 0
        self.family = GENL_ID_CTRL

    def message(self, kind, body, flags):
        self.sequence += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                   NLM_F_REQUEST | flags, self.sequence, 0) + body)

    def send(self, command, data, flags):
        self.message(self.family, struct.pack("=BBH", command, 1, 0) + data, flags)

    def part(self):
        """What one message of the kernel holds: (type, body) of each"""
        raw, at, parts = self.sock.recv(1 << 20), 0, []
        while at < len(raw):
            size, kind = struct.unpack_from("=IH", raw, at)
            parts.append((kind, raw[at + 16:at + size]))
            at += size + 3 & ~3
        return parts

    def answer(self):
        """The ACK: 0 or a negative errno"""
        while True:
            for kind, body in self.part():
                if kind == NLMSG_ERROR:
                    return struct.unpack_from("=i", body)[0]

    def ask(self, command, data):
        """Send and have the ACK"""
        self.send(command, data, NLM_F_ACK)
        return self.answer()

    @staticmethod
    def good(what, err):
        if err:
            raise SystemExit(f"{what}: {os.strerror(-err)}")

    def do(self, command, data):
        self.good(f"command {command}", self.ask(command, data))

    def raw(self, kind, body, flags):
        """A message of another family, as route netlink has them"""
        self.message(kind, body, flags | NLM_F_ACK)
        self.good(f"message {kind}", self.answer())

    def again(self, other):
        """In place of one whose answer may still come, or not"""
        self.family = other.family
        return self

    def find(self):
        self.send(CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, b"kzt\0"), 0)
        at, body = 4, self.part()[0][1]
        while at < len(body):
            size, kind = struct.unpack_from("=HH", body, at)
            if kind == CTRL_ATTR_FAMILY_ID:
                self.family = struct.unpack_from("=H", body, at + 4)[0]
                return self
            at += size + 3 & ~3
        raise SystemExit("no family kzt")
