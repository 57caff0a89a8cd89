"""Feed damaged source: nothing may crash, hang, or raise what is not gmemviz's own."""

import random
import time
from contextlib import suppress

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.extract import extract
from gmemviz.extract.code.calls import raw_calls
from gmemviz.extract.code.lexer import tokenize

SECONDS = 2.0
PIECES = (
    b"{ } ( ) [ ] ; , : ? = && || -> . & * / # \" ' \\ \n \t if else while do for switch case default"
    b" goto return static struct inline int void hook name 0 NULL /* */ // #ifdef #else #endif"
    b" #define super_operations file_operations inode DEFINE_GUARD guard __free LSM_HOOK_INIT"
).split(b" ")


def mangled(text, kind, rng):
    if kind == "truncated":
        return text[: rng.randrange(len(text))]
    if kind == "shuffled":
        lines = text.splitlines(keepends=True)
        rng.shuffle(lines)
        return b"".join(lines)
    if kind == "bytes":
        noise = bytearray(text)
        for _ in range(len(noise) // 20):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        return bytes(noise)
    return b" ".join(rng.choices(PIECES, k=3000))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["truncated", "shuffled", "bytes", "pieces"])
def test_damaged_files(write_tree, kind, seed):
    folder = write_tree()
    rng = random.Random(f"{kind} {seed}")  # noqa: S311 - damage, not secrets
    for path in sorted(folder.rglob("*.[ch]")):
        path.write_bytes(mangled(path.read_bytes(), kind, rng))
    started = time.process_time()
    for whole_tree in (False, True):
        with suppress(GmemvizError):
            extract(folder, whole_tree=whole_tree)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "{",
        "({",
        "if(x)",
        "if(x)return;",
        "else ",
        "a&&",
        "a?b:",
        "x(",
        "case 1:",
        "/*",
        "/* *",
        "#if\n",
        '"',
        "a(b)",
        "\\\n",
        "l: goto l;",
        "do ",
        "switch(x){",
    ],
)
def test_repetition_takes_linear_time(piece):
    started = time.process_time()
    raw_calls(tokenize("{" + piece * 20_000), ())
    assert time.process_time() - started < SECONDS
