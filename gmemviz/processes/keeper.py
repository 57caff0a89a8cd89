"""Run a program, and end it with all that it started when its starter asks, or is no more.

`gmemviz.processes.programs` starts this file as a process of its own. It imports but a
few small modules (not even typing), so that it begins in some milliseconds.
"""

import os
import select
import signal
import sys
from collections.abc import Sequence

END = b"."
"""What asks for the end; without it, the end of the leash says that the starter has died."""
NOT_STARTED = 127
SIGNALLED = 128

LENGTH = 4


def order(scratch: str, command: Sequence[str]) -> bytes:
    """Return what the starter writes first: what to run, and the folder that goes with it.

    Not as arguments: who looks for a program among the processes shall find that alone.
    """
    words = b"\0".join(map(os.fsencode, (scratch, *command)))
    return len(words).to_bytes(LENGTH, "big") + words


def main(leash: int) -> int:
    """Run what the leash orders and return its status, 128 + N where signal N ended it.

    `leash` is a pipe from the starter. When that has died, however it did, its folder is removed
    too, if it named one.
    """
    os.set_inheritable(leash, False)
    words = os.read(leash, int.from_bytes(os.read(leash, LENGTH), "big"))
    scratch, *command = map(os.fsdecode, words.split(b"\0"))
    if not command:  # the starter has died already
        return NOT_STARTED
    try:
        status = _kept(leash, command)
    except OSError as error:
        sys.stderr.write(f"{command[0]} does not start: {error.strerror}\n")
        return NOT_STARTED
    if scratch and _is_readable(leash) and os.read(leash, 1) != END:
        _remove(scratch)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else SIGNALLED - code


def _kept(leash: int, command: list[str]) -> int:
    news = _news_of_children()
    child = os.posix_spawnp(
        command[0], command, os.environ, setpgroup=0, setsigdef=[signal.SIGPIPE]
    )
    while not (_is_readable(leash) or _is_over(child)):
        select.select([leash, news], [], [])
    os.killpg(child, signal.SIGKILL)  # it is not reaped yet, so the group is still its own
    return os.waitpid(child, 0)[1]


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
    sys.exit(main(int(sys.argv[1])))
