"""Run every benchmark that needs nothing but the checkout: python -m benchmarks [NAME ...]."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = ("bench_import", "bench_browser", "bench_explorer")


def main() -> int:
    """Run the named ones, or all; return 1 if one did not run."""
    names = sys.argv[1:] or NAMES
    failed = 0
    for name in names:
        print(f"== {name}", flush=True)
        done = subprocess.run(
            [sys.executable, FOLDER / f"{name}.py"], cwd=FOLDER.parent, check=False
        )
        failed |= done.returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
