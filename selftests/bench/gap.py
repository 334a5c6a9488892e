#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How long is a flow silent when the leg that carries it fails?

usage: gap.py FROM-NS TO-NS FROM-ADDRESS TO-ADDRESS ROUNDS FLOWS KIND LABEL
Sends a datagram of each of FLOWS flows every 2 ms through the tunnel.  Once in
each round one of the legs (the busiest, from /sys) fails: KIND "silent" loses
every packet, "down" takes the interface down.  It is put right again, and the
round ends when all legs carry packets or stand by.  Prints for each round
"RIG label round gap-KIND ms N" with the longest silence of any flow.  In the
environment: LEGS, KZT, NETEM (words for a leg that is well)."""
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


def sockets(ns, address, port, flows):
    enter(ns)
    made = []
    for i in range(flows):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        s.bind((address, port + i))
        made.append(s)
    return made


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Legs:
    def __init__(self, ns):
        self.ns, self.count = ns, int(os.environ["LEGS"])
        self.well = os.environ.get("NETEM", "delay 5ms").split()

    def paths(self):
        out = run("ip", "netns", "exec", self.ns[0], os.environ["KZT"], "-j", "path", "show")
        return json.loads(out)["paths"]

    def used(self):
        return {p["dev"] for p in self.paths() if p.get("share-ppm")}

    def usable(self):
        return {p["dev"] for p in self.paths() if p["state"] == "up"}

    def fail(self, dev, kind):
        for ns in self.ns if kind == "silent" else self.ns[:1]:
            if kind == "silent":
                run("tc", "-n", ns, "qdisc", "replace", "dev", dev, "root", "netem",
                    *self.well, "loss", "100%")
            else:
                run("ip", "-n", ns, "link", "set", dev, "down")

    def mend(self, dev, kind):
        for ns in self.ns if kind == "silent" else self.ns[:1]:
            if kind == "silent":
                run("tc", "-n", ns, "qdisc", "replace", "dev", dev, "root", "netem", *self.well)
            else:
                run("ip", "-n", ns, "link", "set", dev, "up")


class Flows:
    def __init__(self, ns, addresses, flows):
        self.rx = sockets(ns[1], addresses[1], 7100, flows)
        self.tx = sockets(ns[0], addresses[0], 7100, flows)
        self.to = [(addresses[1], 7100 + i) for i in range(flows)]
        self.poll = select.poll()
        self.flow = {}
        for i, s in enumerate(self.rx):
            self.poll.register(s, select.POLLIN)
            self.flow[s.fileno()] = i
        self.start_gaps()

    def start_gaps(self):
        self.last = [time.monotonic()] * len(self.rx)
        self.gap = [0.0] * len(self.rx)

    def arrived(self, i):
        now = time.monotonic()
        self.gap[i] = max(self.gap[i], now - self.last[i])
        self.last[i] = now

    def receive(self):
        for fd, _ in self.poll.poll(0):
            i = self.flow[fd]
            try:
                while self.rx[i].recv(64):
                    self.arrived(i)
            except BlockingIOError:
                pass

    def send(self):
        for s, to in zip(self.tx, self.to):
            try:
                s.sendto(b"x" * 32, to)
            except OSError:
                pass

    def go(self, seconds, until=None):
        """Until the time is over, or @until says so (asked twice a second)"""
        end = time.monotonic() + seconds
        ask = 0
        while (now := time.monotonic()) < end:
            if until and now >= ask:
                if until():
                    return True
                ask = now + 0.5
            self.send()
            time.sleep(PERIOD)
            self.receive()
        return not until


def main(args):
    if len(args) != 8:
        sys.exit(__doc__)
    ns, addresses = args[0:2], args[2:4]
    rounds, flows, kind, label = int(args[4]), int(args[5]), args[6], args[7]
    legs, traffic = Legs(ns), Flows(ns, addresses, flows)
    settle = max(float(os.environ.get("FAILOVER_MS", "500")) / 1000 * 2, 0.4) + 0.6
    traffic.go(2)
    for number in range(1, rounds + 1):
        dev = sorted(legs.used())[number % max(len(legs.used()), 1)]
        traffic.go(0.5)
        traffic.start_gaps()
        traffic.go(0.2)
        usual = max(traffic.gap)
        legs.fail(dev, kind)
        traffic.go(settle)
        lost = [g for g, t in zip(traffic.gap, traffic.last) if time.monotonic() - t > 1]
        gap = max(traffic.gap)
        print("RIG", label, number, f"gap-{kind}", "ms",
              "inf" if lost else f"{gap * 1000:.0f}", sep="\t", flush=True)
        print(f"bench: {label} round {number}: {dev}, usual gap {usual * 1000:.0f} ms",
              file=sys.stderr)
        legs.mend(dev, kind)
        if not traffic.go(120, lambda: len(legs.usable()) >= legs.count):
            print(f"bench: FAILED {label}: {dev} does not come back", file=sys.stderr)
            return 1
        traffic.go(1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
