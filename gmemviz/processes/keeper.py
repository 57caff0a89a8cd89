"""Run a program, and end it with all that it started when its starter asks, or is no more.

`gmemviz.processes.programs` starts this file as a process of its own. It needs nothing but a few
modules of the standard library, so that it begins in some milliseconds.
"""

import os
import select
import signal
import sys
from collections.abc import Sequence

__all__ = ("main",)

NOT_STARTED = 127
SIGNALLED = 128


def main(leash: int, scratch: str, command: Sequence[str]) -> int:
    """Run `command` and return its status, 128 + N where signal N ended it.

    `leash` is a pipe from the starter: a byte asks for the end. No byte, but the pipe's end, comes
    when the starter has died, however it did; then its folder `scratch` is removed, if it has one.
    """
    os.set_inheritable(leash, False)
    news = _news_of_children()
    try:
        child = os.posix_spawnp(
            command[0], list(command), os.environ, setpgroup=0, setsigdef=[signal.SIGPIPE]
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]} does not start: {error.strerror}\n")
        return NOT_STARTED
    while not (_is_readable(leash) or _is_over(child)):
        select.select([leash, news], [], [])
    os.killpg(child, signal.SIGKILL)  # it is not reaped yet, so the group is still its own
    _, status = os.waitpid(child, 0)
    if scratch and _is_readable(leash) and not os.read(leash, 1):
        _remove(scratch)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else SIGNALLED - code


# A pipe that has a byte whenever a child ended, so that one `select` waits for it too.
def _news_of_children() -> int:
    news, ended = os.pipe()
    os.set_blocking(ended, False)
    signal.set_wakeup_fd(ended, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return news


def _is_readable(pipe: int) -> bool:
    return bool(select.select([pipe], [], [], 0)[0])


def _is_over(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _remove(folder: str) -> None:
    import shutil  # slow to import, and seldom needed

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
