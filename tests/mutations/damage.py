"""Damage of a file's bytes and of the lines of a text: what disks, transfers, editors and scripts do to files."""

import random
import re
from collections.abc import Callable

__all__ = ["BYTES", "LINES"]

NUMBER = re.compile(rb"(?<![\w.])[+-]?\d+(?:\.\d*)?(?:[EeDd][+-]?\d+)?(?![\w.])")
INTEGER = re.compile(rb"(?<![\w.+-])\d+(?![\w.])")
FLOAT = re.compile(rb"[+-]?\d+\.\d*(?:[EeDd][+-]?\d+)?")
HUGE = (b"1000000000000", b"-1", b"4294967296", b"9223372036854775808", b"1" + b"0" * 40, b"1" + b"0" * 400)
ODD = (
    b"nan",
    b"inf",
    b"-inf",
    b"1e400",
    b"****************",
    b"",
    b"#",
    b"x",
    b"0x1F",
    b"1_0",
    b"\xff\xfe",
    b"\0",
)
ODD += ("١٢".encode(), "²".encode(), b"1,5", b"1e", b"--1", b"1d5d5", b'"1"')
TEXTS = (
    b"\n",
    b"\r\n",
    b"#\n",
    b"# event\n",
    b"warning: disk quota exceeded\n",
    b"E 0 0 0\n",
    b"UQMD\n",
    b"\t\t\n",
)
TEXTS += (
    b"{a: &a [*a]}\n",
    b"HepMC::Version 3\n",
    b"OSC1997A\n",
    b"#!OSCAR2013 particle_lists\n",
    b"pvec:\n",
    b"\0" * 64,
)

Draw = random.Random


def _part(content: bytes, draw: Draw) -> tuple[int, int]:
    """Where a part of 1 to 512 bytes begins and ends, every other time in the first 4096."""
    start = draw.randrange(min(len(content), 4096) if draw.random() < 0.5 else len(content))
    return start, start + 2 ** draw.randrange(10)


def cut(content: bytes, draw: Draw) -> bytes:
    return content[: draw.randrange(len(content))]


def flipped(content: bytes, draw: Draw) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 4, 16))):
        changed[_part(content, draw)[0]] ^= 1 << draw.randrange(8)
    return bytes(changed)


def overwritten(content: bytes, draw: Draw) -> bytes:
    start, end = _part(content, draw)
    length = len(content[start:end])
    return content[:start] + draw.choice((bytes(length), draw.randbytes(length))) + content[end:]


def dropped(content: bytes, draw: Draw) -> bytes:
    start, end = _part(content, draw)
    return content[:start] + content[end:]


def doubled(content: bytes, draw: Draw) -> bytes:
    start, end = _part(content, draw)
    return content[:end] + content[start:]


def inserted(content: bytes, draw: Draw) -> bytes:
    start, _ = _part(content, draw)
    return content[:start] + draw.choice(TEXTS) + content[start:]


def joined(content: bytes, draw: Draw) -> bytes:
    return content + draw.choice((content, b"\n" + content, content[: draw.randrange(len(content))]))


def _lines(content: bytes, draw: Draw) -> tuple[list[bytes], int]:
    """The lines and one of their places, every other time among the first 24: the header."""
    lines = content.splitlines(keepends=True)
    return lines, draw.randrange(min(len(lines), 24) if draw.random() < 0.5 else len(lines))


def _replaced(content: bytes, draw: Draw, pattern: re.Pattern, texts: tuple[bytes, ...]) -> bytes:
    """Replace a number in some line, if there is one."""
    lines, at = _lines(content, draw)
    numbers = list(pattern.finditer(lines[at]))
    if numbers:
        number = draw.choice(numbers)
        lines[at] = lines[at][: number.start()] + draw.choice(texts) + lines[at][number.end() :]
    return b"".join(lines)


def huge_number(content: bytes, draw: Draw) -> bytes:
    return _replaced(content, draw, INTEGER, HUGE)


def odd_number(content: bytes, draw: Draw) -> bytes:
    return _replaced(content, draw, NUMBER, ODD)


def swapped_columns(content: bytes, draw: Draw) -> bytes:
    """Two columns of one line, or of all."""
    lines, at = _lines(content, draw)
    one, other = draw.randrange(12), draw.randrange(12)
    for number in [at] if draw.random() < 0.5 else range(len(lines)):
        entries = lines[number].split()
        if max(one, other) < len(entries):
            entries[one], entries[other] = entries[other], entries[one]
            lines[number] = b" ".join(entries) + b"\n"
    return b"".join(lines)


def swapped_lines(content: bytes, draw: Draw) -> bytes:
    lines, at = _lines(content, draw)
    _, other = _lines(content, draw)
    lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


def doubled_line(content: bytes, draw: Draw) -> bytes:
    lines, at = _lines(content, draw)
    return b"".join(lines[: at + 1] + lines[at:])


def dropped_line(content: bytes, draw: Draw) -> bytes:
    lines, at = _lines(content, draw)
    return b"".join(lines[:at] + lines[at + 1 :])


def inserted_line(content: bytes, draw: Draw) -> bytes:
    lines, at = _lines(content, draw)
    return b"".join([*lines[:at], draw.choice(TEXTS), *lines[at:]])


def other_units(content: bytes, draw: Draw) -> bytes:
    """Every number with a point, or those of one line, times a thousand."""

    def scaled(match: re.Match) -> bytes:
        return b"%.9e" % (1000 * float(match[0].upper().replace(b"D", b"E")))

    lines, at = _lines(content, draw)
    if draw.random() < 0.5:
        return FLOAT.sub(scaled, content)
    return b"".join([*lines[:at], FLOAT.sub(scaled, lines[at]), *lines[at + 1 :]])


Damage = Callable[[bytes, Draw], bytes]
BYTES: tuple[Damage, ...] = (cut, flipped, overwritten, dropped, doubled, inserted, joined)
LINES: tuple[Damage, ...] = (
    huge_number,
    odd_number,
    swapped_columns,
    swapped_lines,
    doubled_line,
    dropped_line,
    inserted_line,
    other_units,
)
