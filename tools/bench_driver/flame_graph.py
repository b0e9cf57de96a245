"""A flame graph as SVG, from what `perf script` prints of samples with stacks."""

import collections
import hashlib
import html
import re

WIDTH = 1800
ROW = 16
# Narrower frames are left out: nobody can see them.
LEAST_WIDTH = 1
LETTER_WIDTH = 6.6

# "    7f12ab34 grpc::Server::Start()+0x12 (/usr/lib/libgrpc++.so.1.51)"
_FRAME = re.compile(r"^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$")


def shorten(symbol):
    """A C++ symbol without its arguments, and template arguments as <>."""
    symbol = re.sub(r"\(anonymous namespace\)", "{anonymous}", symbol)
    text = ""
    depth = 0
    for position, letter in enumerate(symbol):
        if letter == "<" and not text.endswith("operator"):
            if depth == 0:
                text += "<>"
            depth += 1
        elif letter == ">" and depth > 0 and symbol[position - 1] != "-":
            depth -= 1
        elif depth == 0:
            text += letter
    text = re.sub(r"\(.*$", "", text) or symbol
    return text.replace("boost::asio::", "asio::").replace("signal_delivery::", "")


def read_stacks(lines):
    """The stacks of `perf script`, outermost frame first, each with how often it
    was seen."""
    stacks = collections.Counter()
    frames = []
    for line in lines:
        if not line.strip():
            if frames:
                stacks[tuple(reversed(frames))] += 1
            frames = []
            continue
        found = _FRAME.match(line)
        if found:
            symbol, library = found.groups()
            if symbol == "[unknown]":
                symbol = "[%s]" % library.rsplit("/", 1)[-1]
            frames.append(shorten(symbol))
    if frames:
        stacks[tuple(reversed(frames))] += 1
    return stacks


def shares(stacks):
    """By function: (name, share of all samples of its own, share with those of
    what it calls)."""
    own = collections.Counter()
    with_callees = collections.Counter()
    for stack, seen in stacks.items():
        own[stack[-1]] += seen
        for name in set(stack):
            with_callees[name] += seen
    total = sum(stacks.values())
    return [(name, own[name] / total, seen / total) for name, seen in with_callees.items()]


class _Frame:
    def __init__(self):
        self.seen = 0
        self.callees = collections.defaultdict(_Frame)


def _tree(stacks):
    root = _Frame()
    for stack, seen in stacks.items():
        frame = root
        frame.seen += seen
        for name in stack:
            frame = frame.callees[name]
            frame.seen += seen
    return root


def _color(name):
    """The same for the same function; kernel, libraries and ours look alike."""
    number = hashlib.sha256(name.encode()).digest()[0]
    return "rgb(%d,%d,%d)" % (205 + number % 50, 80 + number % 130, 40 + number % 40)


def _draw(frame, name, x, depth, width_of_one, total, rectangles):
    """Appends (depth, text of SVG) of a frame and all above it."""
    width = frame.seen * width_of_one
    if width < LEAST_WIDTH:
        return
    rectangles.append((depth, x, width, name, frame.seen / total))
    for callee_name, callee in sorted(frame.callees.items()):
        _draw(callee, callee_name, x, depth + 1, width_of_one, total, rectangles)
        x += callee.seen * width_of_one


def svg(stacks, title):
    """The graph; the root is at the bottom, and a frame's title tells its share."""
    root = _tree(stacks)
    rectangles = []
    _draw(root, "all", 0, 0, WIDTH / root.seen, root.seen, rectangles)
    height = (max(depth for depth, *_ in rectangles) + 3) * ROW
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="monospace" font-size="11">'
        % (WIDTH, height),
        '<rect width="100%" height="100%" fill="#fffdf6"/>',
        '<text x="8" y="%d" font-size="13">%s</text>' % (ROW, html.escape(title)),
    ]
    for depth, x, width, name, share in rectangles:
        y = height - (depth + 1) * ROW
        letters = int(width / LETTER_WIDTH)
        label = name if len(name) <= letters else name[:max(0, letters - 2)] + ".."
        parts.append(
            '<g><title>%s: %.2f %%</title><rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" rx="1"/>%s</g>' % (
                html.escape(name), 100 * share, x, y, max(width - 0.3, 0.2), ROW - 1, _color(name),
                '<text x="%.1f" y="%d">%s</text>' % (x + 2, y + ROW - 4, html.escape(label))
                if letters > 3 else ""))
    return "\n".join(parts + ["</svg>"]) + "\n"
