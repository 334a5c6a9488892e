#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Summarise RIG lines: the median of every figure, and the median of the ratio
to WireGuard taken round by round, so that noise which both met cancels.

usage: summary.py [--json] [--title TEXT] [FILE...]"""
import json
import sys
from collections import defaultdict
from statistics import median

BASE = "wireguard"


def read(files):
    figures = defaultdict(lambda: defaultdict(dict))
    for f in files:
        for line in f:
            p = line.rstrip().split("\t")
            if p[0] == "RIG" and len(p) == 6:
                figures[p[3], p[4]][p[1]][int(p[2])] = float(p[5])
            elif line.startswith(("bench: SKIPPED", "bench: FAILED", "bench: no way")):
                print(line.rstrip(), file=sys.stderr)
    return figures


def rows(figures):
    for (test, figure), by in figures.items():
        for contender, rounds in by.items():
            row = dict(test=test, figure=figure, contender=contender,
                       rounds=len(rounds), median=median(rounds.values()),
                       min=min(rounds.values()), max=max(rounds.values()))
            ratios = [v / by[BASE][r] for r, v in rounds.items()
                      if by.get(BASE, {}).get(r)]
            if ratios and contender != BASE:
                row["ratio-to-wireguard"] = median(ratios)
            yield row


def main(args):
    as_json = "--json" in args
    args = [a for a in args if a != "--json"]
    title = None
    if args[:1] == ["--title"]:
        title, args = args[1], args[2:]
    table = list(rows(read([open(a) for a in args] or [sys.stdin])))
    if not table:
        raise SystemExit("summary: no figures")
    if as_json:
        print(json.dumps(dict(title=title, figures=table), indent=1))
        return
    if title:
        print(title)
    print(f"{'test':9} {'figure':8} {'contender':10} {'n':>3} {'median':>10} "
          f"{'min':>10} {'max':>10}  kzt/WireGuard")
    for r in table:
        ratio = f"{r['ratio-to-wireguard']:.3f}" if "ratio-to-wireguard" in r else ""
        print(f"{r['test']:9} {r['figure']:8} {r['contender']:10} {r['rounds']:3} "
              f"{r['median']:10.4g} {r['min']:10.4g} {r['max']:10.4g}  {ratio}")


if __name__ == "__main__":
    main(sys.argv[1:])
