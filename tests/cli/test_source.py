"""check --tree: which tables, strictly or not, with an overlay, and against another tree."""

import json
from functools import partial

import pytest

from tests.derive.test_tree import FREED, write_tree

UNREAD = "toy_forget(inode);"


@pytest.fixture
def tree(tmp_path):
    return partial(write_tree, tmp_path / "tree")


@pytest.mark.parametrize("which", ["--fs toyfs", "--table toy_ops", "--all"])
def test_which_tables_are_meant(run, tree, which):
    status, out, err = run(f"check --tree {tree()} {which} --json")
    (row,) = json.loads(out)
    assert (status, err, row["table"], row["verdict"]) == (0, "", "toy_ops", "correct")


def test_all_are_a_line_each(run, tree):
    status, out, _ = run(f"check --tree {tree(EVICT=FREED, FREE='')} --all")
    assert status == 1
    assert out.splitlines()[0].split() == [
        "toyfs",
        "full",
        "use-after-free",
        "[fs/toyfs/super.c:41]",
    ]


@pytest.mark.parametrize(
    ("changed", "plain", "strict"),
    [({}, 0, 0), ({"EVICT": UNREAD}, 0, 3), ({"EVICT": FREED, "FREE": ""}, 1, 1)],
)
def test_strictly_what_is_unread_is_undecided(run, tree, changed, plain, strict):
    line = f"check --tree {tree(**changed)} --fs toyfs"
    assert run(line)[0] == plain
    status, out, _ = run(f"{line} --strict")
    unread = int(UNREAD in changed.values())
    assert (status, out.splitlines()[-1]) == (
        strict, f"strict: {unread} of 1 tables have statements that are unread",
    )  # fmt: skip


def test_an_overlay_is_printed_and_what_it_asks_in_vain_is_said(run, tree, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'never = [{ at = "fs/toyfs/super.c:99" }]\n'
        'inert.toy_forget = { at = "fs/toyfs/super.c:toy_forget" }\n'
    )
    line = f"check --tree {tree(EVICT=UNREAD)} --fs toyfs --strict --overlay {file}"
    status, out, err = run(line)
    assert (status, "assumed: mine.toml says: toy_forget is inert" in out) == (0, True)
    assert err == "mine.toml: nothing that was read asks fs/toyfs/super.c:99\n"
    _, out, _ = run(line.replace("--fs toyfs", "--all"))
    assert out.startswith("overlay: mine.toml says: fs/toyfs/super.c:99 never holds\n")
    assert {path.name for path in tmp_path.rglob("*.toml")} == {"mine.toml"}


def test_against_the_tree_before_a_patch(run, tree, tmp_path):
    before = write_tree(tmp_path / "before")
    line = f"check --tree {tree(EVICT=FREED, FREE='')} --against {before}"
    status, out, _ = run(line)
    assert (status, "correct -> use-after-free" in out) == (1, True)
    assert run(f"{line} --fs toyfs")[1] == out
    (change,) = json.loads(run(f"{line} --json")[1])
    assert change["removed"]["body"] == "free_inode"
    assert run(f"check --tree {before} --against {before}")[:2] == (
        0, "no table differs, as the source reads\n",
    )  # fmt: skip


def test_a_filesystem_that_one_tree_lacks_came_or_went(run, tree, tmp_path):
    other = write_tree(tmp_path / "other")
    source = other / "fs/toyfs/super.c"
    source.write_text(source.read_text().replace("toyfs", "foofs").replace("toy_ops", "foo_ops"))
    status, out, _ = run(f"check --tree {tree()} --against {other} --fs toyfs")
    assert (status, "no table -> correct" in out) == (0, True)
    status, out, _ = run(f"check --tree {tree()} --against {other} --fs foofs")
    assert (status, "correct -> no table" in out) == (0, True)


def test_against_a_kernel_that_is_shipped(run, tree, tmp_path, monkeypatch):
    folder = tree()
    source = folder / "fs/toyfs/super.c"
    source.write_text(source.read_text().replace("toyfs", "minix").replace("toy_ops", "minix_sops"))
    status, out, _ = run(f"check --tree {folder} --against 6.12 --fs minix")
    assert (status, "minix minix_sops (fs/toyfs/super.c:" in out) == (0, True)
    assert "correct -> no table" not in out
    assert (
        run(f"check --tree {folder} --against 6.12 --table fs/toyfs/super.c:minix_sops")[1] == out
    )
    write_tree(tmp_path / "6.12")
    monkeypatch.chdir(tmp_path)
    _, out, _ = run(f"check --tree {folder} --against 6.12 --fs minix")
    assert "no table -> correct" in out  # that folder has none, whatever it is called


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "check --tree {tree}",
            "give one of --fs NAME, --table TABLE and --all beside --tree TREE",
        ),
        ("check --strict", "name a filesystem, such as ext4, or give --all"),
        (
            "check ext4 --strict --table ext4_sops",
            "without --tree the deeds that are shipped are taken: it takes no table",
        ),
        ("check ext4 --all", "all tables are meant: it takes no name"),
        (
            "check ext4 --tree {tree} --all",
            "a tree's tables are chosen by --fs, --table or --all: it takes no name",
        ),
        ("check --tree {tree} --all --fs toyfs", "give one of --fs NAME, --table TABLE and --all"),
        (
            "check --tree {tree} --table a --fs toyfs",
            "give one of --fs NAME, --table TABLE and --all",
        ),
        ("check --tree {tree} --against {tree} --all", "it takes no all"),
        ("check --tree {tree} --against {tree} --fs toysf", "did you mean toyfs"),
        ("check --tree {tree} --against nowhere", "nowhere is not a folder"),
        (
            "check --tree {tree} --against 6.21",
            "kernel tree, or one of 6.1, 6.12, 7.3; did you mean",
        ),
        ("check --tree {tree} --against 6.1 --fs toyfs --overlay {tree}/mine.toml", "mine.toml"),
        ("check --tree {tree} --fs toyfs --overlay none.toml", "cannot read none.toml"),
        ("check --tree {tree} --all --runs 2", "it takes no runs, which is for a Design"),
        ("check shmem-7.3 --tree {tree} --all", "it takes no name"),
    ],
)
def test_bad_input_is_one_sentence(refused, tree, line, said):
    assert said in refused(line.format(tree=tree()))


# What a reporter sends is a file or two, in whatever folder.
@pytest.mark.parametrize("which", ["--fs toyfs", "--table toy_ops", "--all"])
@pytest.mark.parametrize("at", ["", "fs/toyfs"])
def test_a_few_files_are_of_the_kernel_that_is_named(run, refused, tree, at, which):
    (tree(EVICT=FREED, FREE="") / "Makefile").unlink()
    line = f"check --tree {tree.args[0] / at} {which}"
    assert "has no kernel Makefile" in refused(line)
    assert "unknown kernel: '6.21'" in refused(f"{line} --kernel 6.21")
    status, out, _ = run(f"{line} --kernel 7.3 --json")
    (row,) = json.loads(out)
    assert (status, row["kernel"], row["defects"]) == (1, "7.3", ["use-after-free"])
