"""gmemviz extract: a tree becomes facts that other commands answer from."""

import json

import pytest

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


def test_extract_and_ask_a_tree(run, tree, tmp_path):
    out = tmp_path / "own.json.gz"
    status, said, err = run("extract", tree, "-o", out)
    assert (status, err) == (0, "")
    assert said.startswith(f"{out}: ")
    assert out.stat().st_size > 100
    _, calls, _ = run("calls", "iput", "--tree", tree)
    assert calls == "iput -> iput_final  [direct] fs/inode.c:10\n"
    _, census, _ = run("census", tree, "--json")
    assert json.loads(census)["tables"] == 0


@pytest.mark.timeout(60)
def test_what_a_tree_holds_unread_is_counted_and_said(run, tree, tmp_path):
    for number in range(7):
        (tree / f"fs/.#lock{number}.c").symlink_to("somebody@machine.1")
    out_file = tmp_path / "x.json.gz"
    for words in (
        ("extract", tree, "-o", out_file),
        ("calls", "iput", "--tree", tree),
        ("census", tree),
    ):
        status, _, err = run(*words)
        assert status == 0
        (line,) = err.splitlines()
        assert line.startswith("7 left unread: fs/.#lock0.c (a link that leads nowhere), ")
        assert line.endswith(", and 2 more")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("extract .", "expected an unpacked kernel tree"),
        ("extract nowhere", "nowhere"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
