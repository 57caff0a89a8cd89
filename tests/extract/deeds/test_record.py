def test_paths_are_made_of_identifiers(of_body):
    found = of_body(
        "kfree(TOY_I(inode)->body);\nkfree(inode->i_link);\nkmem_cache_free(c, TOY_I(inode));"
    )
    freed = [deed for deed in found.deeds if deed.kind == "given back"]
    assert [deed.path for deed in freed] == ["container.body", "i_link", "container"]
    assert {deed.member for deed in freed} == {False}


def test_what_is_done_to_a_member_itself_says_so(of_body):
    (deed,) = of_body("mtree_destroy(&TOY_I(inode)->parts);").deeds
    assert (deed.path, deed.member) == ("container.parts", True)


def test_a_function_that_is_not_there_is_unread(deeds):
    found = deeds("").of("nowhere", "fs/toy/toy.c")
    assert [entry.why for entry in found.unread] == ["it is not in the tree"]


def test_another_argument_may_be_the_inode(deeds):
    text = "\nint look(struct dentry *dentry, struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n"
    (deed,) = [
        d for d in deeds(text).of("look", "fs/toy/toy.c", argument=1).deeds if d.kind != "read"
    ]
    assert deed.path == "i_link"


def test_a_question_is_told_from_others_by_a_number_and_not_by_its_text(of_body):
    body = "if (mask & MAY_EXEC)\n\tkfree(inode->i_link);\nif (a)\n\tkfree(inode->i_private);"
    first, second = of_body(body).deeds
    keys = [test.key for deed in (first, second) for way in deed.ways for test in way]
    assert keys == ["2", "1"]  # they sort as the texts do


def test_as_many_digits_as_the_largest_number_has(of_body):
    body = "\n".join(f"if (x{n:02})\n\tkfree(TOY_I(inode)->m{n});" for n in range(12))
    keys = [test.key for deed in of_body(body).deeds for way in deed.ways for test in way]
    assert keys == [f"{n:02}" for n in range(1, 13)]


def test_path_walk_reads_what_get_link_returns(deeds):
    """It reads the text that it is given, if it is any, where it has asked without a dentry."""
    text = """
const char *toy_get_link(struct dentry *dentry, struct inode *inode)
{
	if (!dentry)
		return NULL;
	return TOY_I(inode)->body;
}
"""
    found = deeds(text).of("toy_get_link", "fs/toy/toy.c", argument=1, walked_as="get_link")
    (read,) = [deed for deed in found.deeds if deed.kind == "read"]
    assert read.path == "container.body"
    asked = {(test.kind, test.about, test.negated) for way in read.ways for test in way}
    assert asked == {("set", "argument 0", False), ("set", "container.body", False)}
    assert deeds(text).of("toy_get_link", "fs/toy/toy.c", argument=1).deeds == ()


def test_a_row_says_what_a_hook_does_that_the_tree_has_not(deeds):
    tree = deeds("")
    assert tree.of("generic_delete_inode", "fs/toy/toy.c").unread == ()
    assert [d.kind for d in tree.of("kill_anon_super", "fs/toy/toy.c").deeds] == [
        "ends the superblock", "sleeps",
    ]  # fmt: skip
