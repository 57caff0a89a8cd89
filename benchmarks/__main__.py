"""Run the benchmarks that need only the checkout, or one: python -m benchmarks [NAME ARGS]."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = ("bench_import", "bench_browser", "bench_page", "bench_explorer")


def main() -> int:
    """Run one with its arguments, or all; return 1 if one did not run."""
    one, *arguments = sys.argv[1:] or [""]
    env = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    failed = 0
    for name in [one] if one else NAMES:
        print(f"== {name}", flush=True)
        command = [sys.executable, FOLDER / f"{name}.py", *arguments]
        failed |= subprocess.run(command, cwd=FOLDER.parent, env=env, check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
