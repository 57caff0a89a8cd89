"""What a body does to what its argument reaches: each shape in a few lines of our own."""

import pytest

from tests.extract.deeds.conftest import spell

DROPS = """
static int drop(struct inode *inode)
{
	kfree(inode->i_link);
	return 0;
}
static void drop_body(struct toy *toy)
{
	kfree(toy->body);
}
static void drop_held(struct toy *toy)
{
	drop(toy->vfs_inode);
}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # --- what is reached, and through what ---
        ("kfree(inode->i_link);", ["given back i_link"]),
        ("kfree(TOY_I(inode)->body);", ["given back container.body"]),
        ("struct toy *toy = TOY_I(inode);\nkfree(toy->body);", ["given back container.body"]),
        ("struct toy *toy;\ntoy = container_of(inode, struct toy, vfs_inode);\nkfree(toy);",
         ["given back container"]),
        ("char *body = TOY_I(inode)->body;\nTOY_I(inode)->body = NULL;\nkfree(body);",
         ["emptied container.body", "given back container.body"]),
        ("kfree((void *)inode->i_private);", ["given back i_private"]),
        ("mpol_free_shared_policy(&TOY_I(inode)->policy);",
         ["given back container.policy"]),
        ("struct toy *toy = _Generic(inode, struct inode *: TOY_I(inode));\nkfree(toy->body);",
         ["given back container.body"]),
        ("kfree_rcu(TOY_I(inode)->body, rcu);", ["given back later container.body"]),
        ("list_del(&((struct part *)TOY_I(inode)->body)->link);",
         ["taken off a list container.body"]),
        ("char *body __free(kfree) = TOY_I(inode)->body;", ["given back container.body"]),
        ("truncate_inode_pages_final(&inode->i_data);\nclear_inode(inode);",
         ["truncates i_data", "clears inode"]),
        ("free_inode_nonrcu(inode);", ["struct given back inode"]),
        ("__le32 version;\nif (inode->i_nlink)\n\tclear_inode(inode);",
         ["clears inode if not inode nlink 0"]),
        # --- conditions ---
        ("if (S_ISLNK(inode->i_mode))\n\tkfree(inode->i_link);",
         ["given back i_link if inode symlink"]),
        ("if ((inode->i_mode & S_IFMT) == S_IFLNK)\n\tkfree(inode->i_link);",
         ["given back i_link if inode symlink"]),
        ("if (!is_bad_inode(inode))\n\tclear_inode(inode);", ["clears inode if not inode bad"]),
        ("if (TOY_I(inode)->body)\n\tclear_inode(inode);",
         ["clears inode if container.body set"]),
        ("if (TOY_I(inode)->flags)\n\tclear_inode(inode);", ["clears inode if container.flags member"]),
        ("if (inode->i_nlink == 0)\n\tclear_inode(inode);", ["clears inode if inode nlink 0"]),
        ("if (!inode->i_nlink || is_bad_inode(inode))\n\tclear_inode(inode);",
         ["clears inode if inode bad or inode nlink 0"]),
        # --- ways through a body ---
        ("if (!inode->i_nlink)\n\treturn;\nclear_inode(inode);",
         ["clears inode if not inode nlink 0"]),
        ("if (is_bad_inode(inode))\n\tgoto out;\nkfree(inode->i_private);\nout:\nclear_inode(inode);",
         ["given back i_private if not inode bad", "clears inode"]),
        ("if (is_bad_inode(inode))\n\tkfree(inode->i_link);\nelse\n\tkfree(inode->i_private);",
         ["given back i_link if inode bad", "given back i_private if not inode bad"]),
        ("switch (inode->i_mode & S_IFMT) {\ncase S_IFLNK:\n\tkfree(inode->i_link);\n\tbreak;\ndefault:\n\tkfree(inode->i_private);\n}\nclear_inode(inode);",
         ["given back i_link if inode symlink", "given back i_private if not inode symlink",
          "clears inode"]),
        ("bool gone = false;\nif (is_bad_inode(inode))\n\tgone = true;\nif (gone)\n\tclear_inode(inode);",
         ["clears inode if inode bad"]),
        ("again:\nif (retry())\n\tgoto again;\nclear_inode(inode);", ["clears inode"]),
        ("do {\n\tclear_inode(inode);\n} while (0);", ["clears inode"]),
        ("struct part *p, *n;\nlist_for_each_entry_safe(p, n, &TOY_I(inode)->parts, list)\n\tkfree(p);",
         ["given back container.parts if loop"]),
        # --- what is written in braces ---
        ("struct toy part = { .body = inode->i_link, .other = NULL };\nkfree(part.body);\nkfree(part.other);",
         ["given back i_link"]),
        ("struct toy part = { .policy = { .root = inode->i_link } };\nkfree(part.policy.root);",
         ["given back i_link"]),
        ("struct toy part = { .flags = drop(inode) };", ["given back i_link"]),
        ("struct toy part = { .body = inode->i_link };\ndrop_body(&part);", ["given back i_link"]),
        ("struct toy part = {};\npart.vfs_inode = inode;\ndrop_held(&part);", ["given back i_link"]),
        ("drop_body(&(struct toy){ .body = inode->i_link });", ["given back i_link"]),
        ("char *all[2] = { inode->i_link, NULL };\nclear_inode(inode);", ["clears inode"]),
        ("void (*done)(struct inode *) = drop;\ndone(inode);", ["given back i_link"]),
        # --- what may be one of several ---
        ("struct toy *toy = TOY_I(inode);\nif (is_bad_inode(inode))\n\ttoy = inode->i_private;\nkfree(toy->body);",
         ["given back container.body if not inode bad"]),
        ("struct toy *toy = TOY_I(inode);\nif (is_bad_inode(inode))\n\ttoy = inode->i_private;\ntoy->body = NULL;\nkfree(TOY_I(inode)->body);",
         ["emptied container.body if not inode bad", "given back container.body if inode bad"]),
    ],
)  # fmt: skip
def test_a_body_does(of_body, body, expected):
    found = of_body(body, DROPS)
    assert spell(found) == expected
    assert found.unread == ()


def test_both_answers_of_one_question_are_one(of_body):
    """A flag that is tested twice has one answer; what lies between them does not change it."""
    body = "if (x)\n\tkfree(inode->i_link);\ny(1);\nif (!x)\n\tkfree(inode->i_private);"
    first, second = of_body(body).deeds
    assert [(way[0].key, way[0].negated) for deed in (first, second) for way in deed.ways] == [
        ("1", False), ("1", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "body", "expected"),
    [
        ("static void put(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n", "put(inode);",
         ["given back i_link"]),
        ("static void put(char *what)\n{\n\tkfree(what);\n}\n", "put(TOY_I(inode)->body);",
         ["given back container.body"]),
        ("static void put(char *what)\n{\n\tif (what)\n\t\tkfree(what);\n}\n", "put(inode->i_link);",
         ["given back i_link if i_link set"]),
        ("static void put(struct toy *toy)\n{\n\tkfree(toy->body);\n\ttoy->body = NULL;\n}\n",
         "put(TOY_I(inode));\nif (TOY_I(inode)->body)\n\tclear_inode(inode);",
         ["given back container.body", "emptied container.body"]),
        ("#define PUT(x) put_it(x)\nstatic void put_it(char *x)\n{\n\tkfree(x);\n}\n",
         "PUT(inode->i_link);", ["given back i_link"]),
        ("static void set(struct toy *toy, char *to)\n{\n\ttoy->body = to;\n}\n",
         "set(TOY_I(inode), NULL);", ["emptied container.body"]),
        ("static void loop(struct inode *inode)\n{\n\tkfree(inode->i_link);\n\tloop(inode);\n}\n",
         "loop(inode);", ["given back i_link"]),
    ],
)  # fmt: skip
def test_what_is_called_does_it_to_our_arguments(of_body, before, body, expected):
    assert spell(of_body(body, before)) == expected


def test_the_chain_leads_from_our_statement_to_the_deed(of_body):
    before = "static void put(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n"
    (deed,) = [deed for deed in of_body("put(inode);", before).deeds if deed.kind == "given back"]
    assert [source.function for source in deed.chain] == ["toy", "put"]
    assert deed.via == "kfree"
    assert deed.at.line < deed.chain[0].line


def test_a_callback_is_done_later(of_body):
    before = """
static void later(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	kfree(inode->i_link);
}
"""
    (deed,) = [
        deed
        for deed in of_body("call_rcu(&inode->i_rcu, later);", before).deeds
        if deed.kind == "given back"
    ]
    assert (deed.path, deed.later) == ("i_link", "later")


def test_a_call_that_is_too_deep_is_a_bound(of_body):
    chain = "static void f0(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n"
    for depth in range(1, 8):
        chain += f"static void f{depth}(struct inode *inode)\n{{\n\tf{depth - 1}(inode);\n}}\n"
    found = of_body("f7(inode);", chain)
    assert spell(found) == []
    assert found.unread == ()
    assert [entry.why for entry in found.deeper] == ["it is more than 6 calls deep"]


@pytest.mark.parametrize(
    "body",
    [
        "if (", "{", "x = ({", "switch (inode) {", "return inode ?", "a ? b", "kfree(", "*", "&",
        "container_of(inode)", "inode->", "((((", "case 1:", "for (;;", "_Generic(", "]", "a[b",
    ],
)  # fmt: skip
def test_damaged_text_raises_nothing(of_body, body):
    of_body(body)


MANY_WAYS_OUT = """
if (inode->i_nlink)
	goto keep;
if (one(&err) || err)
	goto keep;
if (two(&err) || err)
	goto keep;
if (three(&err) || err)
	goto keep;
clear_inode(inode);
return;
keep:
clear_inode(inode);
"""


def test_who_has_returned_has_not_jumped(of_body):
    """However many questions lead to a label, no answers to them let both statements be done."""
    found = [deed for deed in of_body(MANY_WAYS_OUT).deeds if deed.kind == "clears"]
    assert len(found) == 2
    for first in found[0].ways:
        for second in found[1].ways:
            answers = {(test.kind, test.about, test.at, test.key): test.negated for test in first}
            assert any(
                answers.get((test.kind, test.about, test.at, test.key), test.negated)
                != test.negated
                for test in second
            ), (first, second)


DETACH = """
static void detach(struct inode *inode)
{
	struct toy *toy = TOY_I(inode);
	char *body = toy->body;
	if (toy->flags & 4 && body) {
		toy->body = NULL;
		kfree(body);
	}
}
"""


def test_what_a_callee_frees_is_what_its_caller_had(of_body):
    """The callee stores NULL first: what it frees is what the pointer was as it began."""
    found = of_body("if (inode->i_nlink) {\n\tdetach(inode);\n\treturn;\n}\ndetach(inode);", DETACH)
    freed = [deed for deed in found.deeds if deed.kind == "given back"]
    assert [deed.path for deed in freed] == ["container.body"] * 2
    flags = [
        {test.key for way in deed.ways for test in way if test.kind == "member"} for deed in freed
    ]
    assert flags[0] == flags[1]  # nothing has changed it: on both ways it is one question


@pytest.mark.parametrize(
    "body",
    [
        "strlen(TOY_I(inode)->body);",
        "char first = TOY_I(inode)->body[0];",
        "char *copy = kstrdup(TOY_I(inode)->body, GFP_KERNEL);",
        "memcpy(inode->i_link, TOY_I(inode)->body, 4);",
        "char first = *TOY_I(inode)->body;",
    ],
)
def test_who_reads_what_a_pointer_leads_to(of_body, body):
    paths = [deed.path for deed in of_body(body).deeds if deed.kind == "read"]
    assert "container.body" in paths
