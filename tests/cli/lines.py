"""Lines of every command, and a value for every option: what the two tests of words go by.

Which commands and options there are is asked of the parser, so that a new one has no row here
and is named by a test.
"""

import argparse
import shlex
from typing import NamedTuple

from gmemviz.cli.commands import command_names
from gmemviz.cli.main import parser_for

CHOICES = "--kernel 7.3 --mount own --placement i_private --cleanup evict-before-truncate --metadata resv_map"
STATE = "shmem-7.3/last-close/3"

BASES = {
    "check": ("check shmem-7.3", "check --design mine.toml", f"check {CHOICES}",
              f"check --state {STATE}", "check bfs --kernel 7.3",
              "check --tree tree --fs shmem_ops --kernel 7.3",
              "check --tree tree --table shmem_ops --kernel 7.3",
              "check --tree tree --all --kernel 7.3"),
    "derive": ("derive bfs --kernel 6.12", "derive --tree tree --fs shmem_ops --kernel 6.12"),
    "matrix": ("matrix",),
    "designs": ("designs --metadata flags --kernel 7.3 --first 1",),
    "compare": ("compare shmem-7.3 mine.toml",),
    "list": ("list", "list kernels"),
    "help": ("help", "help check"),
    "completion": ("completion bash",),
    "new": ("new", "new -o fresh.toml"),
    "explain": ("explain", "explain evict_inode", "explain free M"),
    "draw": ("draw calls evict -o p.dot", "draw calls evict --diff 7.3 -o p.dot",
             "draw calls shmem-7.3 -o p.dot", "draw states --design mine.toml -o p.dot",
             f"draw lanes {CHOICES} -o p.dot", "draw memory shmem-7.3 -o p.dot", "draw lanes shmem-7.3 -o p.dot",
             "draw matrix -o p.dot"),
    "calls": ("calls evict", "calls dput --callers", "calls evict_inode", "calls evict --tree tree"),
    "census": ("census 7.3", "census 6.1 --tables", "census tree"),
    "extract": ("extract tree", "extract tree -o a.json.gz"),
    "export": ("export shmem-7.3", f"export {CHOICES} -o p.html", "export --design mine.toml -o p.html", f"export --state {STATE} -o p.html",
               "export 7.3-gmem -o p.html", "export --compare shmem-7.3 shmem-6.12 -o p.html"),
    "probe": ("probe", "probe --recorded 7.3"),
    "kernels": ("kernels fetch 6.12", "kernels add kernels/7.3/vmlinuz --name mine", "kernels list"),
    "record": ("record pipe --kernel 7.3", "record --list"),
    "validate": ("validate 7.3-gmem",),
    "conform": ("conform 7.3-gmem",),
    "confirm": ("confirm secretmem-6.12", "confirm --design mine.toml", f"confirm {CHOICES.replace('7.3', '6.12')}",
                "confirm --matrix", "confirm --matrix --sample 2", "confirm --fs ext4"),
}  # fmt: skip
"""Lines that are answered, one of each kind, in a folder that has mine.toml, tree and more."""


class Value(NamedTuple):
    """Give a value that an option takes and that no line of BASES has, and one that none knows.

    `near` is what the refusal of `wrong` has to name, "" where any sentence will do. An empty
    `wrong`: whatever is said can be meant.
    """

    good: str
    wrong: str
    near: str = ""


def _word(good: str, wrong: str) -> Value:
    return Value(good, wrong, good.rsplit(",", maxsplit=1)[-1])


KERNEL = _word("6.12", "6.112")
VALUES = {
    "name": _word("aio-7.3", "aoi-7.3"),
    "design": Value("other.toml", "other.tmol"),
    "kernel": KERNEL,
    "mount": _word("anon-inode", "anon_inod"),
    "placement": _word("containing-struct", "containing-strct"),
    "cleanup": _word("free-all", "fre-all"),
    "metadata": _word("shared_policy", "SharedPolicy"),
    "state": _word("aio-7.3", "aio-7.3/last-clsoe"),
    "scenario": _word("gup-fast", "gup-fsat"),
    "tree": Value("more", "treee"),
    "depth": Value("2", "2x"),
    "fs": _word("shmem", "shmme"),
    "diff": KERNEL,
    "step": Value("2", "1e3"),
    "first": Value("2", "0"),
    "runs": Value("2", "0"),
    "output": Value("q.html", "q.htlm"),
    "picture": _word("states", "sttaes"),
    "function": _word("iput", "ipput"),
    "what": _word("codes", "cdoes"),
    "topic": _word("matrix", "matirx"),
    "shell": _word("zsh", "zhs"),
    "word": _word("evict_inode", "evict_inod"),
    "source": _word("7.3", "7.4"),
    "a": _word("aio-7.3", "aio-7.4"),
    "b": _word("aio-7.3", "aio-7.4"),
    "compare": Value("aio-7.3 aio-6.12", "aoi-7.3 aio-6.12", "aio-7.3"),
    "recorded": _word("6.18", "6.81"),
    "recording": _word("7.3-pipe", "7.3-ppie"),
    "modules": Value("more", "treee"),
    "headers": Value("more", "treee"),
    "deed": _word("list", "lsit"),
    "accel": _word("kvm", "kvmm"),
    "limit": Value("7", "nan"),
    "sample": Value("3", "-3"),
    "seed": Value("5", "five"),
    "record": Value("r.txt", ""),
    "stage": Value("q.html", "q.htlm", ".html"),
    "perfetto": Value("q.json", "q.jsno", ".json"),
    "itf": Value("r.itf.json", "r.itf.jsno", ".json"),
}
OF_A_COMMAND = {
    ("check", "fs"): _word("toy_ops", "toy_osp"),
    ("check", "table"): _word("toy_ops", "toy_osp"),
    ("check", "overlay"): Value("overlay.toml", "overlay.tmol"),
    ("check", "against"): Value("more", "treee"),
    ("derive", "fs"): _word("toy_ops", "toy_osp"),
    ("derive", "kernel"): _word("7.3", "7.4"),
    ("derive", "name"): _word("ext4", "ext5"),
    ("check", "state"): Value("aio-7.3", "aio-7.3/last-clsoe", "last-close"),
    ("export", "state"): Value("aio-7.3", "aio-7.3/last-clsoe", "last-close"),
    ("export", "name"): Value("aio-7.3", "aoi-7.3", "aio-7.3"),
    ("confirm", "kernel"): _word("7.3", "7.4"),
    ("confirm", "fs"): _word("overlay", "overlaay"),
    ("validate", "design"): _word("guest_memfd-7.3", "guest-memfd-7.3"),
    ("conform", "design"): _word("guest_memfd-7.3", "guest-memfd-7.3"),
    ("validate", "inode"): Value("3", "266", "265"),
    ("conform", "inode"): Value("3", "266", "265"),
    ("draw", "output"): Value("q.dot", "q.dto", ".dot"),
    ("export", "output"): Value("q.html", "q.htlm", ".html"),
    ("kernels", "name"): Value("ours", "a/b"),
    ("kernels", "what"): _word("7.3", "7.4"),
    ("record", "scenario"): _word("gmem", "gmme"),
    ("new", "output"): Value("q.toml", "nowhere/q.toml"),
    ("extract", "output"): Value("q.json.gz", "nowhere/q.json.gz"),
    ("record", "output"): Value("q.txt", "nowhere/q.txt"),
}
"""Where a command means something else by the same word."""


def commands():
    """Return each command's own parser, by name."""
    (action,) = (
        one
        for one in parser_for(command_names())._actions
        if isinstance(one, argparse._SubParsersAction)
    )
    return action.choices


def actions(command):
    """Return what a command takes, but for its help."""
    return [one for one in commands()[command]._actions if one.dest != "help"]


def value(command, action):
    """Return the row of an action; KeyError names what has none."""
    return OF_A_COMMAND.get((command, action.dest)) or VALUES[action.dest]


def words(action, text):
    """Return what is typed for an action."""
    return [*action.option_strings[-1:], *([] if action.nargs == 0 else shlex.split(text))]


def without(line, action):
    """Return the words of a line without those of an action, where it has them, and whether."""
    said = shlex.split(line)
    for option in action.option_strings:
        if option in said:
            at = said.index(option)
            count = {None: 1, 0: 0}.get(action.nargs, action.nargs)
            return said[:at] + said[at + 1 + count :], True
    return said, False
