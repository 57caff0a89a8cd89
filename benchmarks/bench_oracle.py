"""Hold what we read from source against the distribution's modules: calls, and slots of tables.

objdump says which function of a module calls which. Each such call must stand in the caller's
text as we read it, or be reached from there through macros, inlines of headers and functions
of the same file, DEPTH steps at most. Beside each figure: how many pairs that are no call the
same search accepts, of callees drawn evenly, and drawn as often as they are called.

Run it from the checkout: python benchmarks/bench_oracle.py TREE MODULES [--misses]
where MODULES is a folder with the .ko or .ko.xz files of the same release, at any depth.
"""

import argparse
import lzma
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from gmemviz.extract import extract
from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.code.definitions import Definition, body_end
from gmemviz.extract.code.lexer import tokenize
from gmemviz.extract.index import Index
from gmemviz.extract.kernel import no_collection, scan
from gmemviz.extract.tree.tree import Tree
from gmemviz.extract.walk import quiet
from gmemviz.facts import Facts

Edge = tuple[str, str]
Place = tuple[str, int]  # a section and an offset in it
DEPTH, PAIRS = 9, 3000
HEADERS: Final = ("include", "arch/x86/include")
MODULES: Final = {
    **{name: (f"fs/{name}",) for name in ("ext4", "xfs", "nfs", "btrfs")},
    "overlay": ("fs/overlayfs",),
    "kvm": ("virt/kvm", "arch/x86/kvm"),
}
# Written by the tracepoint macros, or put there by the compiler: not in any function's text.
MADE: Final = re.compile(
    r"\b(?:__(?:traceiter|probestub|bpf_trace|SC[TK]_)_|(?:do_)?(?:trace_(?:event_)?raw|perf_trace)_"
    r"|trace_event_(?:get_offsets|define_fields)_|__pfx_|__x86_|__fentry__|__stack_chk_fail"
    r"|__(?:ubsan|asan|kasan|kcsan|kmsan)_)"
)
UNSPOKEN: Final = re.compile(
    r"(mem(?:cpy|set|move|cmp)|str(?:len|cmp|cpy))\Z|__(?:get|put)_user_|__sw_hweight|pv_|clear_page"
)
BY_MACRO: Final = "caller made by a macro"
DEFINE: Final = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^()]*\))?+((?:\\\n|[^\n])*+)", re.MULTILINE
)
CALLED: Final = re.compile(rb"([A-Za-z_]\w*)[ \t\n]*\(")
ALIAS: Final = re.compile(rb"[ \t]*([A-Za-z_]\w*)[ \t]*\Z")
PASTED: Final = re.compile(rb"(?<!#)\b(\w{5,}_)[ \t]*##|\bCONCATENATE\((\w+)[ \t]*,")
WORD: Final = re.compile(rb"[A-Za-z_]\w*")
START: Final = re.compile(r"[0-9a-f]+ <([^>]+)>:$")
JUMP: Final = re.compile(r" +[0-9a-f]+:\t(?:call|j\w+) +[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>")
MOVED: Final = re.compile(r"\t+[0-9a-f]+: R_X86_64_(?:PLT32|PC32)\t(\S+?)([-+]0x[0-9a-f]+)?$")


class Module:
    """Read one .ko: its symbols by section and place, its calls, its tables."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self.file = path
        if path.suffix == ".xz":
            self.file = scratch / path.stem
            self.file.write_bytes(lzma.decompress(path.read_bytes()))
        self.functions: dict[Place, str] = {}
        self.names: dict[str, str] = {}
        self.objects: dict[str, list[tuple[Place, int]]] = {}
        shown = self.tool("readelf", "-SsW")
        sections = dict(re.findall(r"^ +\[ *(\d+)\] (\S+)", shown, re.MULTILINE))
        for part in map(str.split, shown.splitlines()):
            if len(part) == 8 and part[6].isdigit():
                where = sections[part[6]], int(part[1], 16)
                if part[3] == "OBJECT":
                    self.objects.setdefault(part[7], []).append((where, int(part[2], 0)))
                elif part[3] == "FUNC" and not part[7].startswith("__pfx_"):
                    # Local names come first: of init_module its true one.
                    self.names[part[7]] = self.functions.setdefault(where, part[7])

    def tool(self, *words: str) -> str:
        """Return what a tool prints about the module."""
        return subprocess.check_output([*words, str(self.file)], text=True)

    def edges(self) -> list[Edge]:
        """Return the calls and tail calls, those that no source holds left out."""
        found: set[Edge] = set()
        caller = callee = ""
        for line in (self.tool("objdump", "-dr", "--no-show-raw-insn") + "\n\n").splitlines():
            if callee:
                if moved := MOVED.match(line):
                    callee, addend = moved.group(1), int(moved.group(2) or "0", 16)
                    if callee.startswith("."):
                        callee = self.functions.get((callee, addend + 4), "")
                # A jump within a function, or to its cold part, is no call.
                pair = (self.names.get(name, name) for name in (caller, callee))
                # f.constprop.0 and f.part.0.cold are clones of f.
                one, two = (name.partition(".")[0] for name in pair)
                if one and two.strip("@") and one != two and not MADE.search(f"{one} {two}"):
                    found.add((one, two))
                callee = ""
            if start := START.match(line):
                caller = start.group(1)
            elif jump := JUMP.match(line):
                callee = "@" if jump.group(2) else jump.group(1)
        return sorted(found)

    @cached_property
    def pointers(self) -> dict[Place, str]:
        """Return the names of what the 8-byte pointers in the sections of data lead to."""
        found, section = {}, ""
        for part in map(str.split, self.tool("readelf", "-rW").splitlines()):
            if part[:2] == ["Relocation", "section"]:
                section = part[2].strip("'").removeprefix(".rela")
            elif part[2:3] == ["R_X86_64_64"]:
                name = self.functions.get((part[4], int(part[6], 16)), part[4])
                found[section, int(part[0], 16)] = name.partition(".")[0]
        return found


class Source:
    """Answer what a function of one module's sources may come to call."""

    def __init__(self, tree: Tree, folders: tuple[str, ...]) -> None:
        self.index, self.tree, self.folders = Index(tree), tree, folders
        paths = tree.files([*folders, *HEADERS])
        paths += [path for path in tree.files(["fs"]) if path.count("/") == 1 and path[-1] == "h"]
        scan(self.index, paths, frozenset(paths), quiet)
        self.reader = BodyReader(self.index)
        self.places: dict[str, list[Definition]] = {}  # macros and functions
        self.plain, self.prefixes = set[bytes](), set[bytes]()
        bodies: list[tuple[bytes, set[bytes], set[bytes]]] = []
        for path in paths:
            text = tree.read(path)
            self.prefixes.update(match.group(1) for match in PASTED.finditer(text) if match[1])
            for match in DEFINE.finditer(text):
                name, parameters, body = match.groups()
                names = set(CALLED.findall(body))
                if names or ALIAS.match(body):
                    start = match.start(1)
                    entry = (path, name.decode(), False, start, start, match.start(3), False, True)
                    self.places.setdefault(entry[1], []).append(Definition(*entry))
                    bodies.append((name, set(WORD.findall(parameters or b"")), names))
                    self.plain |= {name} if parameters is None else set()
        for function, group in self.index.functions.items():
            self.places.setdefault(function, []).extend(group)
        # Macros that call what they are given: a name handed to one is called.
        self.calling = {name for name, given, names in bodies if given & names}
        while more := {name for name, _, names in bodies if names & self.calling} - self.calling:
            self.calling |= more
        self.spoken, self.calls = cache(self.spoken_of), cache(self.calls_of)
        self.reached = cache(self.closure)

    def text(self, place: Definition) -> bytes:
        """Return the text of a body."""
        text = self.tree.read(place.path)
        return text[place.body : body_end(text, place.body)]

    def spoken_of(self, place: Definition) -> set[str]:
        """Return the calls by name in a body, as we read it."""
        calls = read_function(self.reader, place.name, place).calls
        return {call.callee for call in calls if call.kind not in ("ops", "deferred")}

    def calls_of(self, place: Definition) -> frozenset[str]:
        """Return the names that a function or macro calls, by itself or by the macros in it."""
        text = self.text(place)
        named, words = set(self.spoken(place)), set(WORD.findall(text))
        alias = ALIAS.match(text) or b"_Generic" in text
        named |= {word.decode() for word in (words if alias else words & self.plain)}
        for match in PASTED.finditer(text):
            named |= {f"{(match[2] or match[1]).decode()}{number}" for number in range(10)}
        if self.calling & words:
            tokens = tokenize(text.decode("latin-1"))
            for at, word in enumerate(tokens.words[:-1]):
                if tokens.words[at + 1] == "(" and word.encode() in self.calling:
                    parts = tokens.split(at + 2, tokens.matching(at + 1), ",")
                    named |= {tokens.words[one] for one, end in parts if end == one + 1}
        return frozenset(named)

    def closure(self, name: str, *, handed: bool = False) -> frozenset[str]:
        """Return all names that a function leads to; `handed`: also by what it names."""
        found: set[str] = set()
        for start in self.index.functions.get(name, ()):
            front, here = {start}, {start}
            for _ in range(DEPTH):
                names = {callee for place in front for callee in self.calls(place)}
                if handed:
                    names |= {w.decode() for p in front for w in WORD.findall(self.text(p))}
                found |= names
                near = {place for callee in names for place in self.places.get(callee, ())}
                front = {p for p in near if p.path == start.path or p.path[-2:] == ".h"} - here
                here |= front
        return frozenset(found)

    def why(self, edge: Edge) -> str:
        """Return the class of a call that was not found."""
        caller, callee = edge
        if caller not in self.index.functions:
            head = re.compile(rf"^[\w \t*]*\b{caller}\([^;{{}}#]*\)\s*\{{".encode(), re.MULTILINE)
            texts = map(self.tree.read, self.tree.files(self.folders))
            return "caller not indexed" if any(map(head.search, texts)) else BY_MACRO
        if kind := UNSPOKEN.match(callee):
            return "maybe put there by the compiler" if kind[1] else "called from assembler"
        if callee in self.closure(caller, handed=True):
            return "handed over by name"
        unknown = [name for name in self.reached(caller) if name not in self.places]
        pasted = any(name.encode().startswith(tuple(self.prefixes)) for name in [*unknown, callee])
        return "a name pasted by a macro between" if pasted else "other"


def control(source: Source, edges: list[Edge], callees: list[str], seed: str) -> float:
    """Return the share of random pairs that are no calls, and accepted all the same."""
    draw = random.Random(seed)  # noqa: S311 - a control, no secret
    callers, taken = sorted({caller for caller, _ in edges}), set(edges)
    pairs: list[Edge] = []
    while len(pairs) < PAIRS:
        pair = draw.choice(callers), draw.choice(callees)
        pairs += [pair] if pair not in taken and pair[0] != pair[1] else []
    return sum(two in source.reached(one) for one, two in pairs) / PAIRS


def slots(facts: Facts, files: dict[str, Path], scratch: Path) -> list[tuple[str, int, str]]:
    """Return each table of super_operations, its slots, and how it differs from its module's."""
    members = [member for struct, member in facts.fields if struct == "super_operations"]
    opened: dict[str, Module] = {}
    checked = []
    for table in (table for table in facts.tables if table.struct == "super_operations"):
        folder = f"/kernel/{Path(table.path).parent}".replace("virt/kvm", "arch/x86/kvm")
        differ = "in no module"
        for name in (name for name, path in files.items() if str(path.parent).endswith(folder)):
            module = opened.get(name) or Module(files[name], scratch)
            opened[name] = module
            for (section, at), size in module.objects.get(table.name, ()):
                places = [(member, (section, at + 8 * n)) for n, member in enumerate(members)]
                there = {(m, module.pointers[p]) for m, p in places if p in module.pointers}
                differ = " ".join("=".join(pair) for pair in sorted(there ^ set(table.slots)))
                differ += "" if size == 8 * len(members) else f"{size} bytes"
        checked.append((f"{table.path} {table.name}", len(table.slots), differ))
    return checked


def main() -> None:
    """Print recall and control a module, the misses by class, and the slots."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("modules", type=Path)
    parser.add_argument("--misses", action="store_true", help="print every call not found")
    chosen = parser.parse_args()
    if not shutil.which("objdump") or not shutil.which("readelf"):
        sys.exit("objdump or readelf is missing: install binutils")
    tree = Tree(chosen.tree.resolve())
    found = sorted(chosen.modules.resolve().rglob("*.ko*"))
    files = {path.name.partition(".ko")[0]: path for path in found if path.suffix in (".ko", ".xz")}
    if lacking := [name for name in MODULES if name not in files]:
        sys.exit(f"{chosen.modules} has no module {', '.join(lacking)}: expected .ko or .ko.xz")
    print(f"linux {tree.release}\nmodule   calls  direct   found  missed  control: even  as called")
    with tempfile.TemporaryDirectory() as folder, no_collection():
        for name, folders in MODULES.items():
            source = Source(tree, folders)
            edges = Module(files[name], Path(folder)).edges()
            places = source.index.functions
            near = [(map(source.spoken, places.get(one, ())), two) for one, two in edges]
            direct = sum(any(two in calls for calls in own) for own, two in near) / len(edges)
            missed = [edge for edge in edges if edge[1] not in source.reached(edge[0])]
            misses = {edge: source.why(edge) for edge in missed}
            even, called = sorted({edge[1] for edge in edges}), [edge[1] for edge in edges]
            print(f"{name:8} {len(edges):5} {direct:7.2%} {1 - len(misses) / len(edges):7.2%}"
                  f" {len(misses):7} {control(source, edges, even, name):13.2%}"
                  f" {control(source, edges, called, name):10.2%}", flush=True)  # fmt: skip
            for why, count in Counter(misses.values()).most_common():
                print(f"  {count:5} {why}")
            for edge, why in misses.items() if chosen.misses else ():
                print(f"    {' -> '.join(edge)}: {why}")
        facts = extract(tree.folder, roots=["iput"], depth=0)
        checked = slots(facts, files, Path(folder))
    held = [entry for entry in checked if entry[2] != "in no module"]
    wrong = [f"  {name}: {differ}" for name, _, differ in held if differ]
    print(f"super_operations: {len(checked)} tables, {len(held)} of them in modules, which set")
    print(f"{sum(entry[1] for entry in held)} slots; {len(wrong)} tables differ", *wrong, sep="\n")


if __name__ == "__main__":
    main()
