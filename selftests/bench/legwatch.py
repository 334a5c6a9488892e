#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sample what devices of this namespace receive, and run commands on the way.

usage: legwatch.py LABEL STEP END DEV,DEV... ['SECONDS WORD COMMAND']...

Prints "PLOT label seconds Mbit/s..." each STEP seconds until END, and "MARK
label seconds word" for each command that was run."""
import subprocess
import sys
import time


def received(devices):
    total = []
    for dev in devices:
        with open(f"/sys/class/net/{dev}/statistics/rx_bytes", encoding="ascii") as f:
            total.append(int(f.read()))
    return total


def main(args):
    if len(args) < 4:
        sys.exit(__doc__)
    label, step, end, devices = args[0], float(args[1]), float(args[2]), args[3].split(",")
    events = sorted((float(e.split(None, 2)[0]), *e.split(None, 2)[1:]) for e in args[4:])
    start = last = time.monotonic()
    was = received(devices)
    while (now := time.monotonic()) - start < end:
        if events and now - start >= events[0][0]:
            _, word, command = events.pop(0)
            subprocess.run(command, shell=True, check=True)
            print("MARK", label, f"{time.monotonic() - start:.2f}", word, sep="\t", flush=True)
        if now - last >= step:
            counts = received(devices)
            print("PLOT", label, f"{now - start:.2f}",
                  *(f"{8e-6 * (a - b) / (now - last):.2f}" for a, b in zip(counts, was)),
                  sep="\t", flush=True)
            was, last = counts, now
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1:])
