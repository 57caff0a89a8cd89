"""The filesystem is told from functions that are its own, and from no other's."""

from dataclasses import replace

import pytest

from gmemviz.evidence.validate.filesystem import home_of, homes_told, tables_at
from gmemviz.facts import load
from gmemviz.record import follow, load_recording
from gmemviz.study import designs, gallery
from tests.evidence.mutants import FOREIGN
from tests.evidence.recorded_edits import DERIVED, OWN, SOURCES

PLACES = {
    "bpffs": "kernel/bpf/inode.c",
    "guest_memfd": "virt/kvm/guest_memfd.c",
    "hugetlbfs": "fs/hugetlbfs/",
    "pipefs": "fs/pipe.c",
    "secretmem": "mm/secretmem.c",
    "shmem": "mm/shmem.c",
    "sockfs": "net/socket.c",
}


def told(name, change=lambda event: event):
    facts = load(name.partition("-")[0])
    followed = follow(load_recording(name), facts=facts)
    return homes_told(replace(followed, events=tuple(map(change, followed.events))), facts)


@pytest.mark.parametrize("name", [*OWN, *DERIVED])
def test_each_recording_tells_its_own_filesystem(name):
    own = PLACES[OWN[name].rpartition("-")[0]] if name in OWN else SOURCES[DERIVED[name]]
    (home,) = told(name)
    assert home.path == own
    assert home.ran
    assert "generic_delete_inode" not in home.ran  # everybody's


def test_of_two_tables_of_one_filesystem_it_is_the_one_with_the_hooks():
    (home,) = told("6.12-ext4-umount")  # beside that of its unit test, mbt_sops
    assert [table.name for table in home.tables] == ["ext4_sops"]
    assert home.name == "ext4"
    (home,) = told("6.12-secretmem")
    assert (home.tables, home.name) == ((), "mm/secretmem.c")


@pytest.mark.parametrize("name", ["6.12-socket", "7.3-hugetlb", "6.12-overlay-umount"])
def test_one_hook_of_another_filesystem_does_not_make_it_that_one_s(name):
    (own,) = told(name)
    other = FOREIGN.get(own.name, "shmem")

    def change(event):
        is_last = event.hook in ("destroy_inode", "evict_inode")
        return replace(event, function=f"{other}_{event.hook}") if is_last else event

    assert [home.path for home in told(name, change)] == [own.path]


def test_where_as_much_ran_of_two_both_are_told():
    def change(event):
        is_last = event.hook == "destroy_inode"
        return replace(event, function="shmem_destroy_inode") if is_last else event

    assert [home.path for home in told("6.12-pipe", change)] == ["fs/pipe.c", "mm/shmem.c"]


def test_a_pair_that_one_table_has_tells_where_no_function_does():
    def change(event):
        return event if event.hook in ("", "destroy_inode") else replace(event, hook="")

    def anonymous(event):
        event = change(event)
        theirs = ("free_inode_nonrcu", "evict", "destroy_inode")
        return event if event.function in theirs else replace(event, function="x", hook="")

    (home,) = told("6.12-pipe", anonymous)
    assert (home.path, home.ran) == ("fs/pipe.c", ("free_inode_nonrcu as destroy_inode",))
    assert told("6.12-pipe", lambda event: replace(event, function="x", hook="")) == ()


def test_the_gallery_s_designs_have_homes():
    facts = load("7.3")
    for name in designs():
        design = gallery(name)
        own = PLACES.get(design.name.rpartition("-")[0])
        if own and design.kernel == "7.3":
            assert home_of(dict(design.functions).values(), facts) == own
    assert home_of(["generic_delete_inode", "iput"], facts) == ""
    assert {table.path for table in tables_at("fs/pipe.c", facts)} == {"fs/pipe.c"}
    assert tables_at("fs/nowhere.c", facts) == ()
