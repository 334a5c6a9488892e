#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A node of the real ZeroTier core (libzt 1.8.4, protocol 12) to test against.

usage: realnode.py --state DIR --bind IP/PORT [--bind IP/PORT]...
                   [--identity FILE] [--planet FILE] [--control DIR]
                   [--join NWID[=TAP]]...

The core is the pair of libraries that scripts/setup-core.sh leaves in the
directory $KZT_CORE.  Events appear on standard output, a JSON object a line.
Commands come one a line through the FIFO "ask" in the control directory, and
each is answered by one JSON object through the FIFO "answer" there; without
--control through standard input and output:

    peers | networks | join NWID [TAP] | leave NWID
    orbit ID SEED | deorbit ID
    user ADDRESS TYPE HEX | quit

What the core does that a test has to know: it ignores loopback addresses and
those inside of its networks' subnets; a root of it drops HELLOs of a second
new node from one source address for some seconds; a refused network raises no
event.  Exit status 3: there is no core, or no TAP."""
import argparse
import ctypes
import errno
import fcntl
import ipaddress
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time

VOID, INT, UINT = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint
U64, I64 = ctypes.c_uint64, ctypes.c_int64
CALLBACKS = {
    # name: (returns, arguments after node, user and thread)
    "put": (None, INT, ctypes.POINTER(U64), VOID, INT),
    "get": (INT, INT, ctypes.POINTER(U64), VOID, UINT),
    "wire": (INT, I64, VOID, VOID, UINT, UINT),
    "frame": (None, U64, VOID, U64, U64, UINT, UINT, VOID, UINT),
    "config": (INT, U64, VOID, INT, VOID),
    "event": (None, INT, VOID),
    "check": (INT, U64, I64, VOID),
    "lookup": (INT, U64, INT, VOID),
}
TYPES = {name: ctypes.CFUNCTYPE(sig[0], VOID, VOID, VOID, *sig[1:])
         for name, sig in CALLBACKS.items()}
# The thread argument is absent in none of the functions but these two
FUNCTIONS = {
    "ZT_Node_new": (INT, ctypes.POINTER(VOID), VOID, VOID, VOID, I64),
    "ZT_Node_delete": (None, VOID),
    "ZT_Node_address": (U64, VOID),
    "ZT_Node_processWirePacket": (INT, VOID, VOID, I64, I64, VOID, VOID, UINT,
                                  ctypes.POINTER(I64)),
    "ZT_Node_processVirtualNetworkFrame": (INT, VOID, VOID, I64, U64, U64, U64,
                                           UINT, UINT, VOID, UINT,
                                           ctypes.POINTER(I64)),
    "ZT_Node_processBackgroundTasks": (INT, VOID, VOID, I64, ctypes.POINTER(I64)),
    "ZT_Node_join": (INT, VOID, U64, VOID, VOID),
    "ZT_Node_leave": (INT, VOID, U64, VOID, VOID),
    "ZT_Node_orbit": (INT, VOID, VOID, U64, U64),
    "ZT_Node_deorbit": (INT, VOID, VOID, U64),
    "ZT_Node_multicastSubscribe": (INT, VOID, VOID, U64, U64, ctypes.c_ulong),
    "ZT_Node_sendUserMessage": (INT, VOID, VOID, U64, U64, VOID, UINT),
    "ZT_Node_peers": (VOID, VOID),
    "ZT_Node_networks": (VOID, VOID),
    "ZT_Node_freeQueryResult": (None, VOID, VOID),
    "ZT_Node_addLocalInterfaceAddress": (INT, VOID, VOID),
}
# Sizes and offsets in what the core's queries return, on x86-64
PEER_SIZE, PEER_PATHS, PATH_SIZE = 4056, 80, 248
NETWORK_SIZE, NETWORK_ADDRESSES = 29792, 184
STATUS = ("requesting", "ok", "access-denied", "not-found", "port-error",
          "too-old", "authentication-required")
EVENTS = ("up", "offline", "online", "down", "collision", "trace")
USER_MESSAGE = 6
TUNSETIFF, IFF_TAP_NO_PI = 0x400454ca, 0x1002
BROADCAST = 0xffffffffffff


def fail(text):
    print(f"realnode: {text}", file=sys.stderr)
    raise SystemExit(3)


def load_core():
    where = os.environ.get("KZT_CORE", "")
    if not where:
        fail("$KZT_CORE does not say where the core is: see scripts/setup-core.sh")
    try:
        ctypes.CDLL(f"{where}/shim.so", mode=ctypes.RTLD_GLOBAL)
        core = ctypes.CDLL(f"{where}/zerotier-core.so", mode=os.RTLD_LAZY)
        for name, (returns, *arguments) in FUNCTIONS.items():
            function = getattr(core, name)
            function.restype, function.argtypes = returns, arguments
    except (OSError, AttributeError) as e:
        fail(f"no core in {where}, scripts/setup-core.sh installs it: {e}")
    return core


def open_tap(name):
    try:
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
    except OSError as e:
        fail(f"no TAP device {name}: {e.strerror} (/dev/net/tun, module tun)")
    return fd


def now_ms():
    return int(time.time() * 1000)


def sockaddr(ip, port):
    ip = ipaddress.ip_address(ip)
    if ip.version == 4:
        head = struct.pack("=H", socket.AF_INET) + struct.pack(">H", port)
    else:
        head = struct.pack("=H", socket.AF_INET6) + struct.pack(">HI", port, 0)
    return (head + ip.packed).ljust(128, b"\0")


def endpoint(where):
    """The (IP, port) in a sockaddr; for a network's address port is a length."""
    raw = ctypes.string_at(where, 28)
    port = int.from_bytes(raw[2:4], "big")
    if int.from_bytes(raw[:2], sys.byteorder) == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, raw[8:24]), port
    return socket.inet_ntop(socket.AF_INET, raw[4:8]), port


def u32(where):
    return int.from_bytes(ctypes.string_at(where, 4), sys.byteorder)


def say(**what):
    print(json.dumps(what), flush=True)


class Store:
    """The core's state: 1, 2 identity, 3 planet, 4 moon, 5 peer, 6 network."""

    def __init__(self, state, identity, planet):
        self.state = state
        os.makedirs(state, exist_ok=True)
        if identity:
            text = self.read_file(identity).decode().strip()
            if text.count(":") != 3:
                fail(f"{identity}: holds no identity with a secret")
            self.write(1, 0, text.rpartition(":")[0].encode())
            self.write(2, 0, text.encode())
        if planet:
            self.write(3, 0, self.read_file(planet))

    @staticmethod
    def read_file(path):
        try:
            with open(path, "rb") as f:
                return f.read()
        except OSError as e:
            fail(f"{path}: {e.strerror}")

    def path(self, kind, number):
        return f"{self.state}/{kind}-{number if kind > 3 else 0:x}"

    def write(self, kind, number, blob):
        with open(self.path(kind, number), "wb") as f:
            f.write(blob)

    def read(self, kind, number):
        try:
            with open(self.path(kind, number), "rb") as f:
                return f.read()
        except OSError:
            return None

    def remove(self, kind, number):
        try:
            os.unlink(self.path(kind, number))
        except OSError:
            pass


class Tap:
    """A network's device; it follows the configuration and its own groups."""

    def __init__(self, name):
        self.name, self.fd = name, open_tap(name)
        self.v4 = set()

    def configure(self, mac, mtu, addresses):
        self.ip("link", "set", self.name, "address", mac.to_bytes(6, "big").hex(":"))
        self.ip("link", "set", self.name, "mtu", str(mtu), "up")
        for a in addresses:
            self.ip("addr", "replace", a, "dev", self.name,
                    *(["nodad"] if ":" in a else []))
        self.v4 = {int(i.ip) for i in map(ipaddress.ip_interface, addresses)
                   if i.version == 4}

    @staticmethod
    def ip(*words):
        done = subprocess.run(("ip",) + words, capture_output=True, text=True, check=False)
        if done.returncode:
            say(event="error", text=f"ip {' '.join(words)}: {done.stderr.strip()}")

    def groups(self):
        """(MAC, ADI) of all groups: ARP asks a group for each IPv4 address."""
        found = {(BROADCAST, 0)} | {(BROADCAST, a) for a in self.v4}
        with open("/proc/net/dev_mcast", encoding="ascii") as f:
            for line in f:
                words = line.split()
                if words[1] == self.name:
                    found.add((int(words[4], 16), 0))
        return found


class Node:
    def __init__(self, options):
        self.core = load_core()
        self.store = Store(options.state, options.identity, options.planet)
        self.sockets, self.taps, self.macs = [], {}, {}
        self.configured, self.subscribed = [], {}
        self.deadline, self.groups_at = I64(0), 0
        self.wait = selectors.DefaultSelector()
        for b in options.bind:
            self.bind(b)
        self.create()
        self.answers, self.typed = [], b""
        self.answer_path = None
        self.listen(options.control)
        self.done = False

    def bind(self, text):
        ip, _, port = text.rpartition("/")
        try:
            s = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET,
                              socket.SOCK_DGRAM)
            if s.family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            s.bind((ip, int(port)))
        except (OSError, ValueError) as e:
            fail(f"cannot use {text}: {e}")
        s.setblocking(False)
        self.sockets.append(s)
        self.wait.register(s, selectors.EVENT_READ,
                           lambda s=s, n=len(self.sockets): self.datagrams(s, n))

    def create(self):
        functions = [TYPES[name](getattr(self, "on_" + name)) for name in TYPES]

        class Callbacks(ctypes.Structure):
            _fields_ = [("version", ctypes.c_long)] + list(TYPES.items())
        self.callbacks = Callbacks(0, *functions)
        self.node = VOID()
        status = self.core.ZT_Node_new(ctypes.byref(self.node), None, None,
                                       ctypes.byref(self.callbacks), now_ms())
        if status:
            fail(f"the core refuses to start: status {status}")
        self.address = self.core.ZT_Node_address(self.node)
        for s in self.sockets:
            self.core.ZT_Node_addLocalInterfaceAddress(
                self.node, sockaddr(*s.getsockname()[:2]))

    # --- what the core calls -------------------------------------------------

    def on_put(self, node, user, thread, kind, number, data, length):
        if length < 0:
            self.store.remove(kind, number[0])
        else:
            self.store.write(kind, number[0], ctypes.string_at(data, length))

    def on_get(self, node, user, thread, kind, number, data, room):
        blob = self.store.read(kind, number[0])
        if blob is None or len(blob) > room:
            return -1
        ctypes.memmove(data, blob, len(blob))
        return len(blob)

    def on_wire(self, node, user, thread, local, to, data, length, ttl):
        ip, port = endpoint(to)
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        sent = -1
        for number, s in enumerate(self.sockets, 1):
            if local in (-1, number) and s.family == family:
                try:
                    s.sendto(ctypes.string_at(data, length), (ip, port))
                    sent = 0
                except OSError:
                    pass
        return sent

    def on_frame(self, node, user, thread, nwid, net, src, dst, ethertype, vlan,
                 data, length):
        tap = self.taps.get(nwid)
        if not tap:
            return
        try:
            os.write(tap.fd, dst.to_bytes(6, "big") + src.to_bytes(6, "big") +
                     struct.pack(">H", ethertype) + ctypes.string_at(data, length))
        except OSError as e:
            say(event="error", text=f"{tap.name}: {e.strerror}")

    def on_config(self, node, user, thread, nwid, net, operation, config):
        if operation <= 2 and config:
            what = self.network(config)
            say(event="network", **what)
            # The core holds a lock of the network now
            self.configured.append(what)
        return 0

    def on_event(self, node, user, thread, event, data):
        if event == USER_MESSAGE:
            origin, kind, body, length = struct.unpack("=QQQI", ctypes.string_at(data, 28))
            say(event="user", origin=f"{origin:010x}", type=kind,
                data=ctypes.string_at(body, length).hex())
        else:
            say(event=EVENTS[event] if event < len(EVENTS) else str(event))

    @staticmethod
    def on_check(*_):
        return 1

    @staticmethod
    def on_lookup(*_):
        return 0

    # --- what the core is asked -------------------------------------------------

    @staticmethod
    def network(config):
        nwid, mac = struct.unpack("=QQ", ctypes.string_at(config, 16))
        status, _, mtu = struct.unpack("=III", ctypes.string_at(config + 144, 12))
        first = config + NETWORK_ADDRESSES + 8
        addresses = [endpoint(first + 128 * i)
                     for i in range(min(u32(config + NETWORK_ADDRESSES), 16))]
        return {"id": f"{nwid:016x}", "mac": f"{mac:012x}", "mtu": mtu,
                "status": STATUS[status] if status < len(STATUS) else str(status),
                "addresses": [f"{ip}/{bits}" for ip, bits in addresses]}

    @staticmethod
    def peer(at):
        address, *version, latency, role = struct.unpack("=QiiiiI", ctypes.string_at(at, 28))
        paths = []
        for i in range(u32(at + PEER_PATHS)):
            where = at + PEER_PATHS + 8 + PATH_SIZE * i
            expired, preferred = struct.unpack("=ii", ctypes.string_at(where + 240, 8))
            paths.append({"remote": "{}/{}".format(*endpoint(where)),
                          "expired": bool(expired), "preferred": bool(preferred)})
        return {"address": f"{address:010x}", "latency": latency, "paths": paths,
                "version": ".".join(map(str, version)),
                "role": ("leaf", "moon", "planet")[role]}

    def query(self, ask, size, read):
        answer = ask(self.node)
        if not answer:
            return []
        base, count = struct.unpack("=QQ", ctypes.string_at(answer, 16))
        found = [read(base + size * i) for i in range(count)]
        self.core.ZT_Node_freeQueryResult(self.node, answer)
        return found

    def join(self, nwid, tap=None):
        if tap and nwid not in self.taps:
            self.taps[nwid] = t = Tap(tap)
            self.wait.register(t.fd, selectors.EVENT_READ, lambda: self.frames(nwid, t))
        self.core.ZT_Node_join(self.node, nwid, None, None)

    def leave(self, nwid):
        self.core.ZT_Node_leave(self.node, nwid, None, None)
        tap = self.taps.pop(nwid, None)
        self.subscribed.pop(nwid, None)
        if tap:
            self.wait.unregister(tap.fd)
            os.close(tap.fd)

    def command(self, words):
        name, *rest = words
        if name == "peers":
            return {"peers": self.query(self.core.ZT_Node_peers, PEER_SIZE, self.peer)}
        if name == "networks":
            return {"networks": self.query(self.core.ZT_Node_networks, NETWORK_SIZE,
                                           self.network)}
        if name == "join":
            self.join(int(rest[0], 16), *rest[1:2])
        elif name == "leave":
            self.leave(int(rest[0], 16))
        elif name == "orbit":
            return {"status": self.core.ZT_Node_orbit(self.node, None, int(rest[0], 16),
                                                      int(rest[1], 16))}
        elif name == "deorbit":
            return {"status": self.core.ZT_Node_deorbit(self.node, None, int(rest[0], 16))}
        elif name == "user":
            data = bytes.fromhex(rest[2])
            return {"status": self.core.ZT_Node_sendUserMessage(
                self.node, None, int(rest[0], 16), int(rest[1], 0), data, len(data))}
        elif name == "quit":
            self.done = True
        else:
            return {"error": f"no command {name}"}
        return {"status": 0}

    # --- commands ------------------------------------------------------------------

    def listen(self, control):
        fd = 0
        if control:
            self.answer_path = f"{control}/answer"
            for path in (f"{control}/ask", self.answer_path):
                if not os.path.exists(path):
                    os.mkfifo(path)
            # Open for both: without a writer it would be readable for ever
            fd = os.open(f"{control}/ask", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.wait.register(fd, selectors.EVENT_READ, lambda: self.typing(fd))

    def typing(self, fd):
        chunk = os.read(fd, 65536)
        if not chunk:
            self.wait.unregister(fd)
        *lines, self.typed = (self.typed + chunk).split(b"\n")
        for words in (line.decode().split() for line in lines):
            if not words:
                continue
            try:
                answer = self.command(words)
            except (ValueError, IndexError) as e:
                answer = {"error": f"{' '.join(words)}: {e}"}
            if self.answer_path:
                self.answers.append(json.dumps(answer).encode() + b"\n")
            else:
                say(**answer)

    def answer(self):
        """The core goes on while nobody reads."""
        try:
            fd = os.open(self.answer_path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return
            raise
        os.set_blocking(fd, True)
        try:
            os.write(fd, self.answers.pop(0))
        except BrokenPipeError:
            pass
        os.close(fd)

    # --- packets and frames --------------------------------------------------------------

    def datagrams(self, s, number):
        for _ in range(64):
            try:
                packet, source = s.recvfrom(65536)
            except BlockingIOError:
                return
            except OSError:		# an ICMP error of an earlier packet
                continue
            self.core.ZT_Node_processWirePacket(
                self.node, None, now_ms(), number, sockaddr(*source[:2]), packet,
                len(packet), ctypes.byref(self.deadline))

    def frames(self, nwid, tap):
        for _ in range(64):
            try:
                frame = os.read(tap.fd, 65536)
            except OSError:
                return
            self.core.ZT_Node_processVirtualNetworkFrame(
                self.node, None, now_ms(), nwid, int.from_bytes(frame[6:12], "big"),
                int.from_bytes(frame[:6], "big"), int.from_bytes(frame[12:14], "big"), 0,
                frame[14:], len(frame) - 14, ctypes.byref(self.deadline))

    def housekeeping(self):
        while self.configured:
            what = self.configured.pop(0)
            tap = self.taps.get(int(what["id"], 16))
            if tap:
                tap.configure(int(what["mac"], 16), what["mtu"], what["addresses"])
                self.groups_at = 0
        if now_ms() >= self.groups_at:
            self.groups_at = now_ms() + 1000
            for nwid, tap in self.taps.items():
                for mac, adi in tap.groups() - self.subscribed.setdefault(nwid, set()):
                    self.core.ZT_Node_multicastSubscribe(self.node, None, nwid, mac, adi)
                    self.subscribed[nwid].add((mac, adi))
        if now_ms() >= self.deadline.value:
            self.core.ZT_Node_processBackgroundTasks(self.node, None, now_ms(),
                                                     ctypes.byref(self.deadline))

    def run(self):
        while not self.done:
            self.housekeeping()
            limit = min(max(self.deadline.value - now_ms(), 1), 10 if self.answers else 200)
            for key, _ in self.wait.select(limit / 1000):
                key.data()
            if self.answers:
                self.answer()
        while self.answers and self.answer_path:
            self.answer()
            time.sleep(0.01)
        self.core.ZT_Node_delete(self.node)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", required=True)
    parser.add_argument("--bind", action="append", required=True)
    parser.add_argument("--identity")
    parser.add_argument("--planet")
    parser.add_argument("--control")
    parser.add_argument("--join", action="append", default=[])
    options = parser.parse_args()
    node = Node(options)
    say(event="start", address=f"{node.address:010x}")
    for j in options.join:
        nwid, _, tap = j.partition("=")
        node.join(int(nwid, 16), tap or None)
    node.run()


main()
