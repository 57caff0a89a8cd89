"""A process that asks for it ends with its parent, also with one that has ended before."""

import os
import subprocess
import sys

import pytest

from tests.processes.survivors import marked, started, until

CHILD = """
import time
from gmemviz.processes.parent import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(7030)
"""
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {CHILD!r}])
time.sleep(7030)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked")
def test_a_child_ends_with_a_parent_that_is_killed(tmp_path):
    with started(tmp_path, "-c", PARENT) as process:
        assert process.stdout.readline() == "ready\n"
        assert len(marked(process.mark)) == 2
        process.kill()
        process.wait()
        until(lambda: not marked(process.mark))


@pytest.mark.parametrize(("parent", "status"), [("ours", 0), ("none", 1)])
def test_who_has_another_parent_by_now_ends_at_once(parent, status):
    number = {"ours": os.getpid(), "none": 1 << 30}[parent]
    script = f"from gmemviz.processes import die_with_parent\ndie_with_parent({number})"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == status
