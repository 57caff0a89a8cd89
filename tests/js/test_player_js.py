"""Run the JavaScript tests with node's own runner."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.node
def test_javascript_under_node():
    tests = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    command = ["node", "--test", *tests]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
