"""Run what forks, or ends by a signal, in a process of its own: one thread, no fault handler."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = """
import json, os, resource
from gmemviz.probe.questions import verbs
from gmemviz.probe.questions.steps import take
from tests.probe.benches import FakeBench
resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
"""


def alone(code):
    """Return what `code` leaves in `result`, which JSON can say."""
    command = [sys.executable, "-c", f"{START}{code}\nprint(json.dumps(result))"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
