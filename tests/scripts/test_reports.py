"""A guest that reports on its kernel gets all of the package that its questions need."""

import subprocess
import sys

from scripts.reports import _package


def test_what_the_guest_gets_can_ask_its_kernel(tmp_path):
    for name, data in _package():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'package')!r})\n"
        "import gmemviz; from gmemviz.probe import ask_kernel, experiments\n"
        "from gmemviz.facts import kernels\n"
        "print(gmemviz.__file__, *kernels(), *experiments(), ask_kernel().kernel)"
    )
    command = [sys.executable, "-I", "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == str(tmp_path / "package/gmemviz/__init__.py")
    assert {"7.3", "close"} <= {*said}
