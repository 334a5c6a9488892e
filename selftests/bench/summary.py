#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Summarise RIG lines: the median of every figure, and the median of the ratio
to a base, WireGuard if it is not named, taken round by round, so that noise
which both met cancels.

usage: summary.py [--json] [--base CONTENDER] [--title TEXT] [FILE...]"""
import argparse
import json
import sys
from collections import defaultdict
from statistics import median

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


def rows(figures, base):
    for (test, figure), by in figures.items():
        for contender, rounds in by.items():
            row = dict(test=test, figure=figure, contender=contender,
                       rounds=len(rounds), median=median(rounds.values()),
                       min=min(rounds.values()), max=max(rounds.values()))
            ratios = [v / by[base][r] for r, v in rounds.items()
                      if by.get(base, {}).get(r)]
            if ratios and contender != base:
                row[f"ratio-to-{base}"] = median(ratios)
            yield row


def options():
    o = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    o.add_argument("--json", action="store_true")
    o.add_argument("--base", default="wireguard")
    o.add_argument("--title")
    o.add_argument("files", nargs="*", type=argparse.FileType(), default=[sys.stdin])
    return o.parse_args()


def main():
    o = options()
    table = list(rows(read(o.files), o.base))
    if not table:
        raise SystemExit("summary: no figures")
    if o.json:
        print(json.dumps(dict(title=o.title, figures=table), indent=1))
        return
    if o.title:
        print(o.title)
    print(f"{'test':9} {'figure':8} {'contender':14} {'n':>3} {'median':>10} "
          f"{'min':>10} {'max':>10}  to {o.base}")
    for r in table:
        ratio = r.get(f"ratio-to-{o.base}")
        print(f"{r['test']:9} {r['figure']:8} {r['contender']:14} {r['rounds']:3} "
              f"{r['median']:10.4g} {r['min']:10.4g} {r['max']:10.4g}  "
              f"{'' if ratio is None else format(ratio, '.3f')}")


if __name__ == "__main__":
    main()
