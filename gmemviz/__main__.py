"""Run gmemviz as ``python -m gmemviz`` or ``gmemviz``."""

import signal
import sys

from gmemviz.processes import ends_in_order


def main() -> int:
    """Run the command line, and end in order whenever a signal comes; return its status."""
    status = _main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said, and what is left takes a moment
    return status


# What the commands import takes most of a second, and a signal may come then, too.
@ends_in_order
def _main() -> int:
    from gmemviz.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
