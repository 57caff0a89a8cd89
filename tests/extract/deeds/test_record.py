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
