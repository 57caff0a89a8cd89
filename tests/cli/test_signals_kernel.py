"""With a real compiler and a real QEMU: nothing of either outlives the command."""

import signal

import pytest

from gmemviz.record.boot.kernel_images import kernels_folder
from tests.processes.survivors import marked, nothing_is_left, started, until

pytestmark = [pytest.mark.qemu, pytest.mark.kernels]

QEMU = "qemu-system-x86_64"
CONFIRM = "confirm --kernel 6.12 --mount own --placement i_private --cleanup none --metadata flags"
RECORD = "record pipe --kernel 6.12"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize(
    ("words", "program"), [(CONFIRM, "cc1"), (CONFIRM, QEMU), (RECORD, QEMU)]
)  # fmt: skip
def test_nothing_outlives_the_command(tmp_path, monkeypatch, words, program, name):
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(kernels_folder()))
    with started(tmp_path, "-m", "gmemviz", *words.split()) as process:
        until(lambda: any(program in word for word in marked(process.mark).values()), seconds=100)
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=30)
        nothing_is_left(process)
    number = getattr(signal, name)
    is_killed = name == "SIGKILL"
    assert (process.returncode, out) == (-number if is_killed else 128 + number, "")
    assert is_killed or err.splitlines()[-1].startswith("gmemviz: ")
    assert "Traceback" not in err
    assert [file.name for file in tmp_path.iterdir()] == ["scratch"]
