"""Lines of the reader's own kernel tree, where there is one and it is of that kernel."""

from gmemviz.facts import load
from gmemviz.render import draw_road
from gmemviz.render.source import LINES, excerpt, own_tree

FACTS = load("7.3")


def tree_of(tmp_path, function, lines):
    """Write a tree that has `lines` where the facts say that the function begins."""
    place = FACTS.function(function)
    file = tmp_path / place.path
    file.parent.mkdir(parents=True)
    file.write_text("\n" * (place.line - 1) + "\n".join(lines))
    return tmp_path


def test_the_tree_is_the_one_that_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("GMEMVIZ_TREE", str(tmp_path))
    assert own_tree() == tmp_path
    monkeypatch.delenv("GMEMVIZ_TREE")
    assert own_tree() is None


def test_an_excerpt_ends_with_its_function(tmp_path):
    tree = tree_of(tmp_path, "iput", ["void iput(struct inode *inode)", "{", "}", "other"])
    assert excerpt(tree, FACTS, "iput") == "void iput(struct inode *inode)\n{\n}"


def test_a_long_function_is_cut_and_says_so(tmp_path):
    body = [f"\tstep({number});" for number in range(40)]
    tree = tree_of(tmp_path, "iput", ["void iput(struct inode *inode)", "{", *body, "}"])
    lines = excerpt(tree, FACTS, "iput").splitlines()
    assert len(lines) == LINES + 1
    assert lines[-1] == "..."


def test_another_kernel_s_tree_shows_no_wrong_function(tmp_path):
    tree = tree_of(tmp_path, "iput", ["void igrab(struct inode *inode)", "{", "}"])
    assert "your tree is not 7.3" in excerpt(tree, FACTS, "iput")
    assert "No such file or directory" in excerpt(tmp_path / "none", FACTS, "iput")


def test_tooltips_show_lines_of_the_reader_s_own_tree(tmp_path, monkeypatch):
    body = ["static void i_callback(struct rcu_head *head)", "{", "\tfirst();", "}", "other();"]
    tree_of(tmp_path, "i_callback", body)
    monkeypatch.setenv("GMEMVIZ_TREE", str(tmp_path))
    drawing = draw_road(FACTS, "i_callback", filesystems=["shmem"])
    tips = {node.label: node.tooltip for group in drawing.clusters for node in group.nodes}
    assert "first();\n}" in tips["i_callback"]
    assert "other" not in tips["i_callback"]
    assert (
        "No such file" in tips["free_inode_nonrcu"] or "something else" in tips["free_inode_nonrcu"]
    )
    monkeypatch.delenv("GMEMVIZ_TREE")
    assert "first();" not in draw_road(FACTS, "i_callback", filesystems=["shmem"]).dot
