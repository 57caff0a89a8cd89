"""Run gmemviz as it is where nothing but Python is installed: run as `python light.py WORDS`."""

import sys
from importlib.machinery import ModuleSpec

OWN = {"gmemviz"}


class NothingElse:
    """Find no module that neither Python nor gmemviz brings."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        first = name.partition(".")[0]
        if first in sys.stdlib_module_names or first in OWN or first.startswith("_sysconfigdata"):
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main() -> int:
    sys.meta_path.insert(0, NothingElse())
    from gmemviz.cli import main as gmemviz

    return gmemviz(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
