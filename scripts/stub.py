"""Write what editors and type checkers read of gmemviz: `python -m scripts.stub`.

`import gmemviz` loads a room only when a name of it is used, which no editor follows. The stub says
it in the way that they do, made of EXPORTS and of the functions themselves; where an argument is a
word of a list, the words stand there to be completed, and any other text is taken as well.
"""

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import gmemviz
from gmemviz.facts import kernels, snapshots
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS
from gmemviz.probe import reports
from gmemviz.record import recordings
from gmemviz.study import designs
from gmemviz.whole import write_whole

STUB: Final = Path(__file__).resolve().parent.parent / "gmemviz" / "__init__.pyi"

HEAD: Final = '''\
"""Say to editors and type checkers what gmemviz has; `python -m scripts.stub` writes it."""

'''

WORDS: Final[Mapping[str, Iterable[str]]] = {
    "_DesignName": designs(),
    "_KernelName": snapshots(),
    "_CellKernel": kernels(),
    "_MountName": MOUNTS,
    "_PlacementName": PLACEMENTS,
    "_CleanupName": CLEANUPS,
    "_MetadataName": METADATA,
    "_RecordingName": recordings(),
    "_ReportName": reports(),
}
"""The lists whose words can be completed, by the name of their type, which only the stub has."""

TAKES: Final[Mapping[str, Mapping[str, str]]] = {
    "check": {"design": "_DesignName"},
    "compare": {"a": "_DesignName", "b": "_DesignName"},
    "judge": {"design": "_DesignName"},
    "gallery": {"name": "_DesignName"},
    "load": {"kernel": "_KernelName"},
    "load_recording": {"name": "_RecordingName"},
    "load_report": {"name": "_ReportName"},
    "design_from_choices": {
        "kernel": "_CellKernel", "mount": "_MountName", "placement": "_PlacementName",
        "cleanup": "_CleanupName", "metadata": "_MetadataName",
    },
}  # fmt: skip
"""Which arguments take a word of a list; all other names are what their rooms say they are."""

DOTTED: Final = re.compile(r"\b((?:\w+\.)+)([A-Z]\w*)")
"""A class in a signature, with the module that it is defined in."""


def stub() -> str:
    """Return the text of the stub."""
    return HEAD + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    functions = {name: _signature(name, takes) for name, takes in TAKES.items()}
    imports = {("typing", "Any"), ("typing", "Final"), ("typing", "Literal")}
    for signature in functions.values():
        imports |= {(module[:-1], name) for module, name in DOTTED.findall(signature)}
    public = {(home, name) for name, home in gmemviz.EXPORTS.items() if name not in TAKES}
    for module, name in sorted(imports - _homes(public)):
        yield f"from {module} import {name}"
    yield from (f"from {module} import {name} as {name}" for module, name in sorted(public))
    yield from ("", "__version__: str", "EXPORTS: Final[dict[str, str]]")
    yield "SHOWN: Final[tuple[str, ...]]"
    yield ""
    for alias, words in WORDS.items():
        quoted = ", ".join(map(json.dumps, words))
        yield f"{alias} = Literal[{quoted}]"
    for name, signature in functions.items():
        plain = DOTTED.sub(r"\2", signature)
        yield from ("", f"def {name}{plain}:")
        yield from _docstring(name)


# What is public is imported from its room's face, and once.
def _homes(public: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(getattr(gmemviz, name).__module__, name) for _, name in public}


def _signature(name: str, takes: Mapping[str, str]) -> str:
    function: Any = getattr(gmemviz, name)
    signature = str(inspect.signature(function))
    for argument, alias in takes.items():
        signature = re.sub(rf"\b{argument}: ", f"{argument}: {alias} | ", signature, count=1)
    return signature


def _docstring(name: str) -> Iterator[str]:
    first, *more = (inspect.getdoc(getattr(gmemviz, name)) or "").splitlines()
    yield f'    """{first}'
    yield from (f"    {line}".rstrip() for line in more)
    yield '    """'


if __name__ == "__main__":
    write_whole(STUB, stub().encode())
