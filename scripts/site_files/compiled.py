"""Compile a zip of modules for the Python that runs here: Pyodide runs this when the site is made.

What comes of it is shorter and starts sooner: without docstrings, and with lines but no columns of
a fault (PYTHONNODEBUGRANGES). Assertions stay, and so does whatever is no module.
"""

import ast
import importlib.util
import io
import marshal
import zipfile
from typing import Final

STAMP: Final = (1980, 1, 1, 0, 0, 0)
UNCHECKED: Final = (1).to_bytes(4, "little") + bytes(8)
"""What a .pyc says of its source: that nobody is to look for it."""


def compiled(packed: bytes) -> bytes:
    """Return a zip in which each module is a .pyc in its own place; equal input, equal bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as read, zipfile.ZipFile(made, "w") as written:
        for name in sorted(read.namelist()):
            content = read.read(name)
            if name.endswith(".py"):
                content = pyc(content, name)
            info = zipfile.ZipInfo(name + "c" * name.endswith(".py"), STAMP)
            written.writestr(info, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def pyc(source: bytes, name: str) -> bytes:
    """Return a module as what Python makes of it."""
    code = compile(without_docstrings(ast.parse(source)), f"/lib/{name}", "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + marshal.dumps(code)


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Return a module without what only `help` shows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is None:
                continue
            first = node.body.pop(0)
            if not node.body:  # and `from __future__` is to be the first
                node.body.append(ast.copy_location(ast.Pass(), first))
    return tree
