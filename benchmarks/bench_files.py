"""Scan every file of a kernel tree by itself: no crash, and how long the slowest take.

Each file is indexed alone, its tables are read and every function's calls; other files are
not opened. Run it from the checkout: python benchmarks/bench_files.py TREE
"""

import sys
import time
from pathlib import Path

from gmemviz.errors import GmemvizError
from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.index import Index
from gmemviz.extract.ops.tables import tables
from gmemviz.extract.tree.tree import Tree

SLOWEST = 5


def scan(tree: Tree, path: str) -> tuple[int, int]:
    """Return how many functions and calls one file has, read alone."""
    index = Index(tree)
    index.add(path)
    index.add_macros([path])
    tables(tree.read(path), path)
    reader = BodyReader(index)
    read = [
        read_function(reader, name, place)
        for name, group in index.functions.items()
        for place in group
    ]
    return len(read), sum(len(function.calls) for function in read)


def main() -> int:
    """Print counts, the slowest files, and every exception that is not gmemviz's own."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: python benchmarks/bench_files.py TREE (an unpacked kernel tree)")
        return 2
    tree, times, functions, calls, failed = Tree(Path(sys.argv[1])), [], 0, 0, []
    for path in tree.files([""]):
        started = time.process_time()
        try:
            found = scan(tree, path)
        except GmemvizError:
            found = 0, 0
        except Exception as error:  # noqa: BLE001 (what must not happen is what is looked for)
            failed.append(f"{path}: {error!r}")
            continue
        times.append((time.process_time() - started, path))
        functions, calls = functions + found[0], calls + found[1]
    times.sort(reverse=True)
    total = sum(seconds for seconds, _ in times)
    print(f"{len(times)} files of Linux {tree.release}: {functions} functions, {calls} calls")
    print(f"{total:.0f} CPU s in all; the slowest:")
    for seconds, path in times[:SLOWEST]:
        print(f"  {seconds:6.2f} s  {path}")
    print(f"{len(failed)} crashed{''.join(f'{chr(10)}  {line}' for line in failed[:20])}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
