"""Measure parsing of function_graph text: MB a minute, and peak memory at two sizes.

Each figure is of a process of its own that reads one file, in turns. The floor is a
Python loop that matches each line with one regular expression and keeps nothing: no
parser on PyPI reads function_graph. CPU seconds, since others may use the machine.
Run: python benchmarks/bench_parse.py [MB [ROUNDS]]
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gmemviz.record import read
from gmemviz.record.inode import read_inode
from gmemviz.record.text.files import DATA, events

GOAL_MB = 100
NAME = "7.3-gmem"
LINE = re.compile(
    r" *([\d.]+) \|  +(\d+)\) +(\S+-\d+) +\|  (\S+) \| ([^|]{14})\|  ( *)"
    r"(?:([\w.]+)(?: \[\w+\])?\(\)(;| \{)|\}.*|/\* (.*) \*/)"
)


def floor(path: Path) -> int:
    """Match each line and count the functions."""
    with path.open(encoding="utf-8") as lines:
        return sum(1 for line in lines if (found := LINE.match(line)) and found[7])


WAYS: dict[str, Callable[[Path], int]] = {
    "floor": floor,
    "events": lambda path: sum(1 for _ in events(path)),
    "since": lambda path: len(read(path, since="close").events),
    "inode": lambda path: len(read_inode(path).events),
    "read": lambda path: len(read(path).events),
}


def write(path: Path, megabytes: int) -> Path:
    """Write a recording of that size: a shipped one again and again, at later times."""
    import lzma

    packed = (DATA / f"{NAME}.txt.xz").read_bytes()
    lines = lzma.decompress(packed).decode().splitlines(keepends=True)
    with path.open("w", encoding="utf-8") as file:
        for second in range(10_000, 99_999):
            if file.tell() >= megabytes * 1_000_000:
                break
            timed = (f"{second}{line[5:]}" if line[5:6] == "." else line for line in lines)
            file.writelines(timed)
    return path


def measure(way: str, path: Path) -> None:
    """Print CPU seconds, functions and peak memory of this process."""
    started = time.process_time()
    functions = WAYS[way](path)
    seconds = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, functions, peak_mb)


def run(way: str, path: Path) -> tuple[float, ...]:
    """Measure one way in a process of its own."""
    command = [sys.executable, __file__, way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(float(word) for word in done.stdout.split())


def main(megabytes: int = 100, rounds: int = 3) -> None:
    """Print a table: MB a minute beside the floor, and peak memory at both sizes."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = (megabytes // 4, megabytes)
        files = {size: write(Path(folder) / f"{size}.txt", size) for size in sizes}
        found: dict[tuple[str, int], list[tuple[float, ...]]] = {}
        for _ in range(rounds):
            for size, path in files.items():
                for way in WAYS:
                    found.setdefault((way, size), []).append(run(way, path))
    print(f"{rounds} rounds in turns, medians; goal: {GOAL_MB} MB a minute, flat memory")
    print(
        f"{'way':8} {'MB/min':>7} {'x floor':>8}  peak MB at {sizes[0]} and {sizes[1]} MB of text"
    )
    seconds = {key: statistics.median(row[0] for row in rows) for key, rows in found.items()}
    for way in WAYS:
        slower = seconds[way, megabytes] / seconds["floor", megabytes]
        small, large = (max(row[2] for row in found[way, size]) for size in sizes)
        rate = megabytes / seconds[way, megabytes] * 60
        print(f"{way:8} {rate:7.0f} {slower:8.1f}  {small:7.1f} {large:7.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
