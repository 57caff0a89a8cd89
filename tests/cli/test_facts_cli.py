"""Commands about kernels: calls, census, extract, and the picture of a road."""

import json

import pytest

from gmemviz.cli import main

TREE = {
    "Makefile": "VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\n",
    "fs/inode.c": """
void iput_final(struct inode *inode)
{
	evict(inode);
}

void iput(struct inode *inode)
{
	if (inode)
		iput_final(inode);
}
""",
}


@pytest.fixture
def tree(tmp_path):
    for name, text in TREE.items():
        file = tmp_path / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "tree"


def run(capsys, *words):
    status = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return status, out, err


def test_calls(capsys):
    status, out, err = run(capsys, "calls", "evict", "--kernel", "7.3", "--fs", "shmem")
    assert (status, err) == (0, "")
    assert "evict -> shmem_evict_inode as evict_inode  [ops] fs/inode.c:" in out
    assert "evict -> clear_inode  [default, evict_inode NULL]" in out


def test_calls_as_json(capsys):
    _, out, _ = run(capsys, "calls", "i_callback", "--kernel", "6.12", "--json")
    edges = json.loads(out)
    assert edges[0].keys() >= {"caller", "callee", "kind", "path", "line", "guard"}
    assert {edge["kind"] for edge in edges} == {"ops", "default"}
    _, out, _ = run(capsys, "calls", "evict", "--callers", "--json")
    callers = [edge["caller"] for edge in json.loads(out)]
    assert {"iput_final", "dispose_list"} <= set(callers)


def test_calls_of_a_hook_says_who_calls_it_who_sets_it_and_what_null_means(capsys):
    _, out, _ = run(capsys, "calls", "free_inode", "--fs", "guest_memfd")
    ours = "i_callback -> kvm_gmem_free_inode as free_inode  [ops] fs/inode.c:317"
    null = "i_callback -> free_inode_nonrcu  [default, free_inode NULL] fs/inode.c:319"
    assert out.splitlines() == [ours]
    _, out, _ = run(capsys, "calls", "free_inode", "--fs", "ramfs")
    assert out.splitlines() == [null]
    _, out, _ = run(capsys, "calls", "free_inode", "--fs", "guest_memfd,ramfs")
    assert out.splitlines() == [ours, null]
    assert null in run(capsys, "calls", "free_inode")[1].splitlines()


@pytest.mark.parametrize("name", ["shmme", "SHMEM", "", "ext5"])
@pytest.mark.parametrize(
    "words", [["calls", "evict_inode"], ["draw", "calls", "iput", "-o", "{folder}/x.dot"]]
)
def test_an_unknown_filesystem_is_refused_and_nothing_is_written(capsys, tmp_path, words, name):
    words = [word.format(folder=tmp_path) for word in words]
    for names in (name, f"shmem,{name}"):
        status, out, err = run(capsys, *words, "--fs", names)
        assert (status, out) == (2, "")
        said = ("unknown filesystem", "says nothing", "must be names")
        assert f"{said[0]}: {name!r}" in err or (not name and any(word in err for word in said))
        assert not list(tmp_path.iterdir())


def test_a_usual_name_is_answered_and_said(capsys):
    status, out, err = run(capsys, "calls", "evict_inode", "--fs", "smb", "--json")
    assert status == 0
    assert json.loads(out)[0]["callee"] == "cifs_evict_inode"
    assert err == "smb is a usual name of cifs, whose tables are meant\n"
    assert run(capsys, "calls", "evict_inode", "--fs", "cifs", "--json") == (0, out, "")


def test_a_filesystem_of_the_older_kernel_alone_may_be_drawn(capsys, tmp_path):
    words = ("draw", "calls", "iput", "--fs", "reiserfs", "-o", tmp_path / "x.dot")
    assert run(capsys, *words, "--diff", "6.12")[0] == 0
    assert run(capsys, *words)[0] == 2


@pytest.mark.timeout(60)
def test_what_a_tree_holds_unread_is_counted_and_said(capsys, tree, tmp_path):
    for number in range(7):
        (tree / f"fs/.#lock{number}.c").symlink_to("somebody@machine.1")
    out_file = tmp_path / "x.json.gz"
    for words in (
        ("extract", tree, "-o", out_file),
        ("calls", "iput", "--tree", tree),
        ("census", tree),
    ):
        status, _, err = run(capsys, *words)
        assert status == 0
        (line,) = err.splitlines()
        assert line.startswith("7 left unread: fs/.#lock0.c (a link that leads nowhere), ")
        assert line.endswith(", and 2 more")


def test_census(capsys):
    status, out, _ = run(capsys, "census", "7.3", "--json")
    said = json.loads(out)
    assert status == 0
    assert said.keys() >= {"tables", "hooks", "combinations"}
    assert sum(row["tables"] for row in said["combinations"]) == said["tables"] == 88
    _, out, _ = run(capsys, "census", "6.12")
    assert out.startswith("87 super_operations tables in 6.12\n")


def test_extract_and_ask_a_tree(capsys, tree, tmp_path):
    out = tmp_path / "own.json.gz"
    status, said, err = run(capsys, "extract", tree, "-o", out)
    assert (status, err) == (0, "")
    assert said.startswith(f"{out}: ")
    assert out.stat().st_size > 100
    _, calls, _ = run(capsys, "calls", "iput", "--tree", tree)
    assert calls == "iput -> iput_final  [direct] fs/inode.c:10\n"
    _, census, _ = run(capsys, "census", tree, "--json")
    assert json.loads(census)["tables"] == 0


def test_draw_a_road(capsys, tmp_path):
    file = tmp_path / "iput.svg"
    words = ("draw", "calls", "iput", "--kernel", "7.3", "--fs", "guest_memfd,shmem", "-o", file)
    assert run(capsys, *words) == (0, "", "")
    assert "kvm_gmem_destroy_inode" in file.read_text()
    assert run(capsys, *words[:-1], tmp_path / "d.dot", "--diff", "6.12") == (0, "", "")
    assert "generic_delete_inode in 6.12" in (tmp_path / "d.dot").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("calls", "iputt"), "no function and no hook 'iputt' in the facts of 7.3"),
        (("calls", "iput", "--kernel", "9"), "unknown kernel: '9' (must be one of 6.12, 7.3)"),
        (("calls", "iput", "--depth", "0"), "--depth: must be a whole number from 1 on, not '0'"),
        (("calls", "iput", "--depth", "x"), "must be a whole number from 1 on, not 'x'"),
        (("calls", "iput", "--kernel", "7.3", "--tree", "."), "not allowed with argument"),
        (("census", "nowhere"), "'nowhere' is neither a shipped kernel (6.12, 7.3) nor a folder"),
        (("census", "."), "expected an unpacked kernel tree"),
        (("extract", "."), "expected an unpacked kernel tree"),
        (("extract", "nowhere"), "nowhere"),
        (("draw", "calls", "iputt", "-o", "x.svg"), "no function 'iputt'"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(capsys, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())
