"""Damage of any kind gives what is left, or RecordingError, in time, and is said.

GMEMVIZ_MUTATIONS=10000 runs so many instead of a few.
"""

import os
import random
import time
from collections import Counter

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import follow, parse
from gmemviz.record.text.lines import LONGEST
from tests.record.old_recordings import text_of

MUTATIONS = int(os.environ.get("GMEMVIZ_MUTATIONS", "1500"))
STRANGE = [chr(n) for n in (0, 9, 10, 13, 32, 40, 41, 59, 123, 124, 125, 0x85, 0x2028, 0x1F600)]
PROBES = """\
   10.000001 |   0)     a-1       |  ...1. |               |  /* born: (security_inode_alloc+0x4/0x9) inode=0xff00 dev=0x1 fs="x" */
   10.000002 |   0)     a-1       |  ...1. |               |  /* inode dev=0x1 ino=2 */
   10.000003 |   0)     a-1       |  ...1. |               |  /* close */
   10.000004 |   0)     a-1       |  ...1. |               |  __fput(file=0xfe00) {
   10.000005 |   0)     a-1       |  ...1. |               |    dput() {
   10.000006 |   0)     a-1       |  ...1. |               |      iput() {
   10.000007 |   0)     a-1       |  ...1. |               |        /* iput: (iput+0x9/0x200) inode=0xff00 */
   10.000008 |   0)     a-1       |  ...1. |               |        evict() {
   10.000009 |   0)     a-1       |  ...1. |               |          /* evict: (evict+0x5/0x200) inode=0xff00 ino=2 dev=0x1 */
   10.000010 |   0)     a-1       |  ...1. |               |          destroy_inode() {
   10.000011 |   0)     a-1       |  ...1. |   1.000 us    |            x_destroy_inode(inode=0xff00); /* ret=0x0 */
   10.000012 |   0)     a-1       |  ...1. |               |            call_rcu() {
   10.000013 |   0)     a-1       |  ...1. |               |              /* call_rcu: (call_rcu+0x9/0x20) head=0xff90 func=i_callback+0x0/0x30 */
   10.000014 |   0)     a-1       |  ..... |   1.000 us    |            } /* call_rcu */
   10.000015 |   0)     a-1       |  ..... |   1.000 us    |          } /* destroy_inode */
   10.000016 |   0)     a-1       |  ..... |   1.000 us    |        } /* evict */
   10.000017 |   0)     a-1       |  ..... |   1.000 us    |      } /* iput */
   10.000018 |   0)     a-1       |  ..... |   1.000 us    |    } /* dput */
   10.000019 |   0)     a-1       |  ..... |   1.000 us    |  } /* __fput */
 ------------------------------------------
 0)     a-1       =>    <idle>-0
 ------------------------------------------

   10.000020 |   0)    <idle>-0    |  ..s1. |               |  i_callback() {
   10.000021 |   0)    <idle>-0    |  ..s1. |               |    /* i_callback: (i_callback+0x9/0x20) head=0xff90 */
   10.000022 |   0)    <idle>-0    |  ..s1. |   1.000 us    |    x_free_inode(inode=0xff00);
   10.000023 |   0)    <idle>-0    |  ..s.. |   1.000 us    |  } /* i_callback */
"""


TEXTS = [*map(text_of, ("7.3-memfd-policy", "6.12-pipe", "7.3-tmpfs-unlink")), PROBES]


def cut(text, rng):
    return text[: rng.randrange(len(text))]


def behead(text, rng):
    return text[rng.randrange(len(text)) :]


def cut_out(text, rng):
    at = rng.randrange(len(text))
    return text[:at] + text[at + rng.randrange(1, 400) :]


def repeat(text, rng):
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    return "".join([*lines[: at + 1], lines[at] * rng.randrange(5), *lines[at + 1 :]])


def swap(text, rng):
    lines = text.splitlines(keepends=True)
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def shuffle(text, rng):
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    part = lines[at : at + 20]
    rng.shuffle(part)
    return "".join([*lines[:at], *part, *lines[at + 20 :]])


def overwrite(text, rng):
    letters = list(text)
    for _ in range(rng.randrange(1, 9)):
        letters[rng.randrange(len(letters))] = rng.choice([*STRANGE, chr(rng.randrange(256))])
    return "".join(letters)


def raw_bytes(text, rng):
    at = rng.randrange(len(text))
    return text[:at] + rng.randbytes(200).decode(errors="replace") + text[at:]


def grow(text, rng):
    at = rng.randrange(len(text))
    return text[:at] + text[at] * rng.choice([400, 4000, LONGEST]) + text[at:]


def deepen(text, rng):
    return text.replace("|  ", "|  " + "  " * rng.randrange(300), rng.randrange(1, 9))


def interleave(text, rng):
    other = iter(rng.choice(TEXTS).replace("   0) ", "   1) ").splitlines(keepends=True))
    mixed = (
        line + (next(other, "") if rng.random() < 0.5 else "") for line in text.splitlines(True)
    )
    return "".join(mixed)


KINDS = (
    cut, behead, cut_out, repeat, swap, shuffle, overwrite, raw_bytes, grow, deepen, interleave,
)  # fmt: skip


def outcome_of(text):
    try:
        trace = parse(text)
    except RecordingError:
        return "refused"
    try:
        follow(trace)
    except RecordingError:
        return "parsed"
    return "followed"


def test_damage_of_any_kind_is_no_crash():
    rng = random.Random(1)  # noqa: S311 (repeatable on purpose)
    outcomes, slowest = Counter(), 0.0
    for _ in range(MUTATIONS):
        text = rng.choice(TEXTS)
        for _ in range(rng.randrange(1, 6)):
            text = rng.choice(KINDS)(text or "\n", rng)
        started = time.process_time()
        outcomes[outcome_of(text)] += 1
        slowest = max(slowest, time.process_time() - started)
    assert outcomes.total() == MUTATIONS
    assert min(outcomes["refused"], outcomes["parsed"], outcomes["followed"]) > MUTATIONS // 50
    assert slowest < 5


def shape(trace):
    return [(e.function, e.actor, e.depth) for e in trace.events]


# What of a recording can be lost without a trace: its end, if every function has
# returned there, and its beginning, before any was entered.
@pytest.mark.parametrize("kind", [cut, behead, swap, shuffle])
@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_what_is_missing_is_said(kind, number):
    rng = random.Random(number)  # noqa: S311 (repeatable on purpose)
    whole = parse(TEXTS[number])
    said = 0
    for _ in range(MUTATIONS // 40):
        try:
            trace = parse(kind(TEXTS[number], rng), kernel=whole.kernel)
        except RecordingError:
            continue
        if set(trace.missing) - set(whole.missing):
            said += 1
        else:
            held = shape(trace)
            assert held in (
                shape(whole)[: len(held)],
                shape(whole)[len(whole.events) - len(held) :],
            )
    assert said


ADVERSARIES = {
    "spaces": " ",
    "word": "a",
    "dots": "f.",
    "open": "f(",
    "close": ")",
    "ends": "f();",
    "braces": "} /* a",
    "comments": "/* ",
    "marks": "/* a: (",
    "tasks": " a-1",
    "arrows": " a-1 => ",
    "dashes": "-",
    "numbers": "1",
    "times": "1.000000 |  ",
    "durations": " 1.0 us ",
    "brackets": "f [",
    "quotes": 'f(a="',
    "pairs": "f(a=",
    "overruns": "CPU:0 [LOST ",
}
COLUMNS = "  1.000000 |   0)     a-1     |  ...1. |   1.0 us      |  "
HEADS = (
    *(COLUMNS + start for start in ("", "f(", "f(a=", "} /* ", "} /* f ", "f() { /*", "f(); /* ")),
    *(COLUMNS + start for start in ("/* ", "/* p: (f+0x1/0x2) ", "/* p: (")),
    "", "  0)  ", "   a-1  [000]  1.000000: funcgraph_entry:   1.0 us   |  ", " a-1  [000]  1.000000: ",
    "# f latency trace v1 on ", "# latency: ",
)  # fmt: skip
TAILS = ("", ");", ") {", " */", ") */", "= */")


@pytest.mark.parametrize("piece", ADVERSARIES.values(), ids=ADVERSARIES)
def test_no_line_takes_long(piece):
    middle = piece * ((LONGEST - 99) // len(piece))
    lines = [f"{head}{middle}{tail}" for head in HEADS for tail in TAILS]
    started = time.process_time()
    outcome_of("\n".join([TEXTS[1], *lines]))
    assert time.process_time() - started < 3


def test_no_kernel_prints_a_line_so_long():
    line = f" 0)   1.000 us    |  f(n={'1' * LONGEST});"
    trace = parse([" 0)   1.000 us    |  f();", line, line[:40] + ");"])
    assert [len(e.arguments) for e in trace.events] == [0, 1]


def test_any_depth_is_taken():
    lines = [f" 0)   1.000 us    |  {'  ' * depth}f();" for depth in (0, 190, 3, 199, 500, 0)]
    trace = parse(lines, kernel="x")
    assert [event.depth for event in trace.events] == [0, 190, 3, 199, 0]
    assert trace.missing[-2:] == (
        "Functions ran whose entry is not there: 386.",
        "Lines are damaged or not function_graph: 1, the first one is line 5.",
    )
