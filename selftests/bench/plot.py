#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draw PLOT lines (see plot-guest.sh) as SVG and as text: for each policy the
throughput of each leg over time, and what came out of the tunnel.

usage: plot.py SVG TEXT <LINES"""
import sys
from collections import defaultdict

WIDE, HIGH, LEFT, TOP, GAP = 560, 120, 52, 26, 30
COLUMNS = 2
COLOURS = ["#4477aa", "#ee8866", "#44bb99", "#aa3377"]
MARK = "#999999"
LEVELS = " .:-=+*#%@"


def read(lines):
    """PLOT policy seconds tunnel leg0 leg1 ...; MARK policy seconds text"""
    runs, marks = defaultdict(list), defaultdict(list)
    for line in lines:
        p = line.rstrip("\n").split("\t")
        if p[0] == "PLOT":
            runs[p[1]].append([float(v) for v in p[2:]])
        elif p[0] == "MARK":
            marks[p[1]].append((float(p[2]), p[3]))
    return runs, marks


def usual(values):
    """The greatest, but for what a machine that stalled delivers at once"""
    values = sorted(values)
    return values[len(values) * 98 // 100]


class Panel:
    def __init__(self, name, rows, marks, end, top, number):
        self.name, self.rows, self.marks = name, rows, marks
        self.end, self.top = end, top
        self.x0 = LEFT + number % COLUMNS * (WIDE + LEFT + 20)
        self.y0 = TOP + number // COLUMNS * (HIGH + TOP + GAP)

    def x(self, t):
        return round(self.x0 + t / self.end * WIDE, 1)

    def y(self, v):
        return round(self.y0 + HIGH - min(v, self.top) / self.top * HIGH, 1)

    def area(self, low, high, colour):
        points = [f"{self.x(t)},{self.y(v)}" for t, v in high]
        points += [f"{self.x(t)},{self.y(v)}" for t, v in reversed(low)]
        return f'<polygon points="{" ".join(points)}" fill="{colour}" fill-opacity="0.75"/>'

    def axes(self):
        yield (f'<rect x="{self.x0}" y="{self.y0}" width="{WIDE}" height="{HIGH}" '
               f'fill="none" stroke="{MARK}"/>')
        yield (f'<text x="{self.x0}" y="{self.y0 - 8}" font-weight="bold">'
               f'{self.name}</text>')
        for v in (0, self.top / 2, self.top):
            yield (f'<text x="{self.x0 - 6}" y="{self.y(v) + 4}" '
                   f'text-anchor="end">{v:g}</text>')
        for t in range(0, int(self.end) + 1, 5):
            yield (f'<text x="{self.x(t)}" y="{self.y0 + HIGH + 14}" '
                   f'text-anchor="middle">{t}</text>')
        for t, text in self.marks:
            yield (f'<line x1="{self.x(t)}" x2="{self.x(t)}" y1="{self.y0}" '
                   f'y2="{self.y0 + HIGH}" stroke="{MARK}" stroke-dasharray="3,3"/>')
            yield f'<text x="{self.x(t) + 3}" y="{self.y0 + 11}" fill="#666">{text}</text>'

    def draw(self):
        low = [(r[0], 0) for r in self.rows]
        for leg in range(len(self.rows[0]) - 2):
            high = [(r[0], l[1] + r[2 + leg]) for r, l in zip(self.rows, low)]
            yield self.area(low, high, COLOURS[leg % len(COLOURS)])
            low = high
        line = " ".join(f"{self.x(r[0])},{self.y(r[1])}" for r in self.rows)
        yield f'<polyline points="{line}" fill="none" stroke="#222" stroke-width="1.5"/>'
        yield from self.axes()


def svg(runs, marks, out):
    end = max(r[0] for rows in runs.values() for r in rows)
    top = -(-usual(sum(r[2:]) for rows in runs.values() for r in rows) // 5) * 5
    legs = len(next(iter(runs.values()))[0]) - 2
    rows = -(-len(runs) // COLUMNS)
    width = COLUMNS * (WIDE + LEFT + 20)
    height = rows * (HIGH + TOP + GAP) + TOP
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">', file=out)
    print('<rect width="100%" height="100%" fill="#fff"/>', file=out)
    for number, (name, data) in enumerate(runs.items()):
        for part in Panel(name, data, marks[name], end, top, number).draw():
            print(part, file=out)
    x, y = LEFT, height - 12
    for leg in range(legs):
        print(f'<rect x="{x}" y="{y - 9}" width="12" height="10" '
              f'fill="{COLOURS[leg % len(COLOURS)]}"/>'
              f'<text x="{x + 16}" y="{y}">leg {leg}</text>', file=out)
        x += 70
    print(f'<line x1="{x}" x2="{x + 14}" y1="{y - 4}" y2="{y - 4}" stroke="#222" '
          f'stroke-width="1.5"/><text x="{x + 18}" y="{y}">out of the tunnel '
          f'(Mbit/s over seconds)</text>', file=out)
    print("</svg>", file=out)


def strip(values, top):
    return "".join(LEVELS[min(int(v / top * (len(LEVELS) - 1) + 0.5), len(LEVELS) - 1)]
                   for v in values)


def text(runs, marks, out):
    top = usual(max(r[1:]) for rows in runs.values() for r in rows)
    print(f"Throughput over time, Mbit/s; '{LEVELS[-1]}' is {top:.0f}, "
          f"'{LEVELS[1]}' a ninth of it.\n", file=out)
    for name, rows in runs.items():
        step = (rows[-1][0] - rows[0][0]) / max(len(rows) - 1, 1)
        ruler = [" "] * (len(rows) + 24)
        for t, word in marks[name]:
            at = int((t - rows[0][0]) / step + 0.5)
            ruler[at:at + len(word) + 1] = "|" + word
        print(f"{name:<14}{''.join(ruler).rstrip()}", file=out)
        for leg in range(len(rows[0]) - 2):
            print(f"  {'leg ' + str(leg):<12}{strip([r[2 + leg] for r in rows], top)}", file=out)
        print(f"  {'tunnel':<12}{strip([r[1] for r in rows], top)}", file=out)
        print(f"  {'':12}mean {sum(r[1] for r in rows) / len(rows):.1f}, "
              f"least {min(r[1] for r in rows[4:] or rows):.1f}\n", file=out)


def main(args):
    if len(args) != 2:
        sys.exit(__doc__)
    runs, marks = read(sys.stdin)
    if not runs:
        sys.exit("plot.py: no PLOT lines")
    with open(args[0], "w", encoding="utf-8") as out:
        svg(runs, marks, out)
    with open(args[1], "w", encoding="utf-8") as out:
        text(runs, marks, out)


if __name__ == "__main__":
    main(sys.argv[1:])
