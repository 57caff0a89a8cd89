from gmemviz.extract.ops.tables import tables


def test_null_is_not_set_and_the_if_is_kept():
    text = b"""
static const struct super_operations toy_ops __ro_after_init = {
	.owner		= THIS_MODULE,
	.statfs		= NULL,
	.free_inode	= &toy_free,
#if IS_ENABLED(CONFIG_TOY) && defined(CONFIG_MMU)
	.evict_inode	= toy_evict,
#endif
};
/* const struct super_operations in_a_comment = { .free_inode = none }; */
 * static struct super_operations in_prose = {
static const struct super_operations declared;
"""
    (table,) = tables(text, "security/toy.c")
    assert (table.name, table.struct) == ("toy_ops", "super_operations")
    assert [(member, value, condition) for member, value, _, condition in table.slots] == [
        ("owner", "THIS_MODULE", ""),
        ("free_inode", "toy_free", ""),
        ("evict_inode", "toy_evict", "CONFIG_TOY && CONFIG_MMU"),
    ]
    assert text[table.slots[1][2] :].startswith(b"free_inode")


def test_security_hooks_are_a_table():
    text = b"""
static struct security_hook_list toy_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(inode_free_security, toy_free),
};
"""
    (table,) = tables(text, "security/toy.c")
    assert table.struct == "security_list_options"
    assert table.slots[0][:2] == ("inode_free_security", "toy_free")
