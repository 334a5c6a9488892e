#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How long is a flow silent when the leg that carries it fails?

usage: gap.py FROM-NS TO-NS FROM-ADDRESS TO-ADDRESS ROUNDS FLOWS KIND LABEL
Sends a datagram of each of FLOWS flows every 2 ms through the tunnel, and a TCP
connection beside them.  Once in each round one of the legs in use fails: KIND
"silent" loses every packet, "down" takes the interface down.  It is put right
again, and the round ends when all legs are up.  Prints for each round
"RIG label round gap-KIND ms N" with the longest silence of any flow; with
several flows also how many took the leg that failed, and what those on other
legs lost or got out of order; and in the end the bytes that the TCP connection
brought, if it lived and they were right.  "stalled" is how long this program was
kept from sending, at most: a silence of its own making.  Which leg carries a flow
is seen before the round, from the counters of the legs while that flow sends more
than all else.

In the environment: LEGS, KZT, NETEM (words for a leg that is well), FAILOVER_MS."""
import ctypes
import json
import os
import select
import socket
import subprocess
import sys
import time

PERIOD = 0.002
libc = ctypes.CDLL(None, use_errno=True)


def enter(ns):
    with open(f"/run/netns/{ns}", encoding="ascii") as f:
        if libc.setns(f.fileno(), 0x40000000):
            sys.exit(f"gap.py: namespace {ns}: {os.strerror(ctypes.get_errno())}")


def sockets(ns, address, ports):
    enter(ns)
    made = []
    for port in ports:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        s.bind((address, port))
        made.append(s)
    return made


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Batch:
    """A program that waits for lines: nothing has to start when a leg fails"""
    def __init__(self, program, ns):
        # pylint: disable-next=consider-using-with
        self.p = subprocess.Popen([program, "-n", ns, "-batch", "-"], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def do(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()


class Legs:
    def __init__(self, ns):
        self.ns, self.count = ns, int(os.environ["LEGS"])
        self.well = os.environ.get("NETEM", "delay 5ms")
        self.tc = [Batch("tc", n) for n in ns]
        self.ip = Batch("ip", ns[0])

    def paths(self):
        out = run("ip", "netns", "exec", self.ns[0], os.environ["KZT"], "-j", "path", "show")
        return json.loads(out)["paths"]

    def used(self):
        return {p["dev"] for p in self.paths() if p.get("share-ppm")}

    def usable(self):
        return {p["dev"] for p in self.paths() if p["state"] == "up"}

    def fail(self, dev, kind):
        if kind == "down":
            self.ip.do(f"link set {dev} down")
            return
        for tc in self.tc:
            tc.do(f"qdisc replace dev {dev} root netem limit 1000 {self.well} loss 100%")

    def mend(self, dev, kind):
        if kind == "down":
            self.ip.do(f"link set {dev} up")
            return
        for tc in self.tc:
            tc.do(f"qdisc replace dev {dev} root netem limit 1000 {self.well}")


class Flows:
    # Ports whose exclusive ors differ, since that is what kzt hashes
    FROM, TO, STEP = 7100, 7400, 3

    def __init__(self, ns, addresses, flows):
        ports = [self.TO + self.STEP * i for i in range(flows)]
        self.rx = sockets(ns[1], addresses[1], ports)
        self.listener = socket.create_server((addresses[1], 7000))
        self.tx = sockets(ns[0], addresses[0], range(self.FROM, self.FROM + flows))
        self.to = [(addresses[1], port) for port in ports]
        self.poll = select.poll()
        self.flow = {}
        for i, s in enumerate(self.rx):
            self.poll.register(s, select.POLLIN)
            self.flow[s.fileno()] = i
        self.sent = [0] * flows
        self.next = [0] * flows
        self.start_gaps()

    def start_gaps(self):
        self.last = [time.monotonic()] * len(self.rx)
        self.gap = [0.0] * len(self.rx)
        self.wrong = [0] * len(self.rx)

    def arrived(self, i, number):
        now = time.monotonic()
        self.gap[i] = max(self.gap[i], now - self.last[i])
        self.last[i] = now
        self.wrong[i] += abs(number - self.next[i])
        self.next[i] = number + 1

    def receive(self):
        for fd, _ in self.poll.poll(0):
            i = self.flow[fd]
            try:
                while data := self.rx[i].recv(2000):
                    self.arrived(i, int.from_bytes(data[:8], "big"))
            except BlockingIOError:
                pass

    def send_one(self, i, size=32):
        try:
            self.tx[i].sendto(self.sent[i].to_bytes(8, "big").ljust(size, b"x"), self.to[i])
        except OSError:
            pass
        self.sent[i] += 1

    def send(self):
        for i in range(len(self.tx)):
            self.send_one(i)


class Stream:
    """A TCP connection that sends numbers, and must bring each of them"""
    def __init__(self, flows, address):
        self.tx = socket.create_connection((address, 7000), timeout=30)
        self.rx, _ = flows.listener.accept()
        self.tx.setblocking(False)
        self.rx.setblocking(False)
        self.sent = self.got = 0
        self.alive = True

    def step(self):
        try:
            if self.sent - self.got < 4000:
                self.tx.send(bytes([self.sent & 255]))
                self.sent += 1
        except BlockingIOError:
            pass
        except OSError:
            self.alive = False
        try:
            for byte in self.rx.recv(4096):
                self.alive &= byte == self.got & 255
                self.got += 1
        except BlockingIOError:
            pass
        except OSError:
            self.alive = False


class Traffic:
    def __init__(self, ns, addresses, flows):
        self.flows = Flows(ns, addresses, flows)
        self.stream = Stream(self.flows, addresses[1])
        self.last, self.stall = time.monotonic(), 0.0

    def go(self, seconds, until=None):
        """Until the time is over, or @until says so (asked twice a second)"""
        end = time.monotonic() + seconds
        ask = 0
        while (now := time.monotonic()) < end:
            if until and now >= ask:
                if until():
                    return True
                ask = now + 0.5
            self.stall = max(self.stall, now - self.last)
            self.last = now
            self.flows.send()
            self.stream.step()
            time.sleep(PERIOD)
            self.flows.receive()
        return not until

    def legs_of(self, devices):
        """The device that each flow leaves by"""
        return [self.leg_of(i, devices) for i in range(len(self.flows.tx))]

    def leg_of(self, i, devices):
        before = [sent_by(d) for d in devices]
        for _ in range(20):
            self.flows.send_one(i, 1000)
        time.sleep(0.05)
        self.flows.receive()
        return max((sent_by(d) - b, d) for d, b in zip(devices, before))[1]


def sent_by(dev):
    # Of the namespace that was entered last, the sender's
    with open("/proc/net/dev", encoding="ascii") as f:
        for line in f:
            if line.split(":")[0].strip() == dev:
                return int(line.split(":")[1].split()[8])
    return 0


def tell(label, number, test, figure, value):
    print("RIG", label, number, test, figure, value, sep="\t", flush=True)


def one_round(number, legs, traffic, kind, label):
    flows = traffic.flows
    used = sorted(legs.used())
    dev = used[number % len(used)]
    of = traffic.legs_of(used) if len(used) > 1 and len(flows.tx) > 1 else []
    traffic.go(0.5)
    flows.start_gaps()
    traffic.last, traffic.stall = time.monotonic(), 0.0
    legs.fail(dev, kind)
    settle = int(os.environ.get("FAILOVER_MS", "500")) / 1000 * 2 if kind == "silent" else 0
    traffic.go(max(settle, 0.4) + 0.6)
    now = time.monotonic()
    lost = [t for t in flows.last if now - t > 0.5]
    tell(label, number, f"gap-{kind}", "ms", "inf" if lost else f"{max(flows.gap) * 1000:.0f}")
    tell(label, number, f"gap-{kind}", "stalled", f"{traffic.stall * 1000:.0f}")
    if of:
        others = [w for w, d in zip(flows.wrong, of) if d != dev]
        tell(label, number, f"gap-{kind}", "flows-hit", len(of) - len(others))
        tell(label, number, f"gap-{kind}", "others-lost", sum(others))
    legs.mend(dev, kind)
    if not traffic.go(120, lambda: len(legs.usable()) >= legs.count):
        print(f"bench: FAILED {label}: {dev} does not come back", file=sys.stderr)
        return False
    traffic.go(1)
    return True


def main(args):
    if len(args) != 8:
        sys.exit(__doc__)
    ns, addresses = args[0:2], args[2:4]
    rounds, flows, kind, label = int(args[4]), int(args[5]), args[6], args[7]
    legs, traffic = Legs(ns), Traffic(ns, addresses, flows)
    traffic.go(2)
    for number in range(1, rounds + 1):
        if not one_round(number, legs, traffic, kind, label):
            return 1
    stream = traffic.stream
    if not traffic.go(60, lambda: not stream.alive or stream.got > stream.sent - 100):
        stream.alive = False
    tell(label, 1, f"gap-{kind}", "tcp-bytes", stream.got if stream.alive else 0)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
