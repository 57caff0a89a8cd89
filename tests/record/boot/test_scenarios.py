"""The scenarios are those that the driver knows, each with what its recording needs."""

import re
from importlib.resources import files

from gmemviz.record.boot.scenarios import SCENARIOS, TABLES, RecordedScenario

DRIVER = files("gmemviz.record") / "driver"


def test_the_driver_knows_the_scenarios_and_three_further_ones():
    table = (DRIVER / "scenarios.c").read_text(encoding="utf-8")
    names = re.findall(r'^\t\{ "([\w-]+)", \w+ \},$', table, re.MULTILINE)
    assert set(names) == {*SCENARIOS, "judged", "test-crash", "test-hang"}


def test_no_file_of_the_driver_is_long():
    files = [file for file in DRIVER.iterdir() if file.name.endswith((".c", ".h"))]
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 300
    assert all("SPDX-License-Identifier: MIT" in file.read_text(encoding="utf-8") for file in files)


def test_a_scenario_has_its_groups_of_functions_and_then_its_own():
    assert SCENARIOS["pipe"] == RecordedScenario(
        "a pipe is made and both of its ends are closed", ("fs/pipe.c",)
    )
    unload = SCENARIOS["kvm-unload"]
    assert (unload.sources, unload.modules) == (("virt/kvm/guest_memfd.c",), ("kvm-amd",))
    assert unload.further[0] == "cleanup_mnt"
    assert "kmem_cache_destroy" in unload.further
    assert unload.further[-2:] == ("kvm_gmem_exit", "kern_unmount")
    assert "kvm_put_kvm" in SCENARIOS["gmem-inotify"].further
    assert "fsnotify_put_mark" in SCENARIOS["gmem-inotify"].further
    assert "fsnotify_put_mark" not in SCENARIOS["gmem"].further


def test_a_scenario_on_a_filesystem_with_a_device_names_its_image():
    with_image = {name for name, scenario in SCENARIOS.items() if scenario.image}
    assert {name.partition("-")[0] for name in with_image} == set(TABLES["images"])
    assert all("loop" in SCENARIOS[name].modules for name in with_image)
