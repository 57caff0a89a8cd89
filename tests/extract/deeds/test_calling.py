"""What is called: rows of the API, functions of the tree, and what is neither."""

import pytest

from tests.extract.deeds.conftest import spell


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("unheard_of(inode);", "it is neither in the tree nor in api.toml"),
        ("inode->i_op->forget(inode);", "it is called through a pointer"),
        ("call_rcu(&inode->i_rcu, somewhere_else);", "which function it is was not followed"),
        (
            "char *body __free(unheard_of) = TOY_I(inode)->body;",
            "what it does was not found",
        ),
    ],
)
def test_what_is_not_understood_is_listed(of_body, body, why):
    (entry,) = of_body(body).unread
    assert entry.why == why
    assert entry.at.path == "fs/toy/toy.c"


def test_what_a_callee_gives_back_of_something_unknown_is_listed(of_body):
    """It was passed over in silence: pointer arithmetic, handed to a function that frees it."""
    before = "static void put(char *what)\n{\n\tkfree(what);\n}\n"
    found = of_body("put((char *)inode + 8);", before)
    assert spell(found) == []
    assert [entry.why for entry in found.unread] == ["what it is was not followed"]


def test_what_a_struct_of_our_own_holds_is_handed_over_with_it(of_body):
    (entry,) = of_body("struct toy part = { .body = inode };\nunheard_of(&part);").unread
    assert entry.why == "it is neither in the tree nor in api.toml"


@pytest.mark.parametrize(
    "body",
    ["unheard_of(3);", "unheard_of(inode->i_sb);", "unheard_of(inode->i_nlink);",
     "unheard_of(TOY_I(inode)->body->next);", "char *text __free(kfree) = kmalloc(3, 4);",
     "struct toy *toy __free(put) = NULL;", "trace_toy(inode);", "pr_debug(inode);"],
)  # fmt: skip
def test_what_cannot_reach_what_the_inode_owns_is_not_listed(of_body, body):
    assert of_body(body).unread == ()


def test_a_function_of_the_file_comes_before_the_kernels(of_body):
    before = "static void kfree(char *what)\n{\n\tclear_inode(what);\n}\n"
    assert spell(of_body("kfree(inode->i_link);", before)) == ["clears i_link"]


def test_new_memory_that_is_returned_is_the_container(deeds):
    text = """
struct inode *make(struct super_block *sb)
{
	struct toy *toy = alloc_inode_sb(sb, cache, 1);

	if (!toy)
		return NULL;
	toy->body = NULL;
	INIT_LIST_HEAD(&toy->parts);
	return &toy->vfs_inode;
}
"""
    found = deeds(text).of("make", "fs/toy/toy.c")
    assert found.returns == ("0", "container.vfs_inode")
    assert spell(found) == [
        "allocated container", "emptied container.body", "initialised container.parts",
    ]  # fmt: skip


def test_new_memory_of_its_own_is_nobodys_business(of_body):
    assert spell(of_body("char *x = kmalloc(3, 1);\nkfree(x);")) == []


def test_a_reference_is_given_back_by_whoever_has_the_last(of_body):
    before = "static void end(struct kref *ref)\n{\n\tkfree(ref);\n}\n"
    found = of_body("kref_put(&TOY_I(inode)->parts, end);", before)
    assert spell(found, "given back") == [
        "given back container.parts if container.parts last reference"
    ]


def test_what_takes_nothing_is_followed_by_what_takes_nothing(deeds):
    text = """
static void finish(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
void leave(void)
{
	finish();
}
"""
    found = deeds(text).of("leave", "fs/toy/toy.c")
    assert [deed.kind for deed in found.deeds if deed.kind != "sleeps"] == [
        "waits for RCU", "cache destroyed",
    ]  # fmt: skip


def test_what_lies_two_pointers_away_is_no_reading_behind_the_free(of_body):
    # fscache_put_cookie: volume = cookie->volume, the cookie is freed, the volume is put.
    found = of_body("struct part *next = TOY_I(inode)->body->next;\nkfree(TOY_I(inode)->body);\n"
                    "kfree(next);")  # fmt: skip
    assert [deed.kind for deed in found.deeds] == ["read", "given back"]


def test_what_is_forgotten_twice_is_said_twice(of_body):
    before = ("static void empty(struct toy *toy)\n{\n\tkfree(toy->body);\n\ttoy->body = NULL;\n}\n"
              "static void twice(struct toy *toy)\n{\n\tif (toy->flags)\n\t\tempty(toy);\n"
              "\tempty(toy);\n}\n")  # fmt: skip
    freed = [deed for deed in of_body("twice(TOY_I(inode));", before).deeds if deed.via == "kfree"]
    assert len(freed) == 2


@pytest.mark.parametrize(
    ("call", "path"),
    [("call_rcu(&inode->i_rcu, later);", "i_rcu"),
     ("call_rcu(&TOY_I(inode)->body->rcu, later);", "container.body")],
)  # fmt: skip
def test_a_deferral_says_where_its_head_lies(of_body, call, path):
    found = of_body(call, "static void later(struct rcu_head *head)\n{\n}\n")
    (deed,) = (deed for deed in found.deeds if deed.kind == "deferred")
    assert (deed.path, deed.later) == (path, "later")


@pytest.mark.parametrize(
    ("size", "found"),
    [("sizeof(struct toy) - sizeof(struct inode)", ["initialised container"]), ("40", [])],
)
def test_the_rest_of_a_struct_is_set(of_body, size, found):
    # fs/ubifs/super.c sets what stands behind the inode; any other arithmetic is not followed.
    start = "(void *)TOY_I(inode) + sizeof(struct inode)"
    read = of_body(f"memset({start}, 0, {size});")
    assert spell(read) == found
    assert [entry.could for entry in read.unread] == ([] if found else ["memset() sets something"])


def test_who_sets_the_middle_of_what_a_pointer_leads_to_sets_no_member(of_body):
    # fs/udf/inode.c:udf_setsize of 6.12 clears the end of a file that lies in its inode.
    assert of_body("memset(TOY_I(inode)->body + 8, 0, 40);").unread == ()
    (left,) = of_body("memset((void *)TOY_I(inode) + 8, 0, 40);").unread
    assert left.could == "memset() sets something"


def test_a_member_of_what_a_pointer_leads_to_is_at_stake(of_body):
    # container_of leads from &buffer->kref to the buffer.
    (entry,) = of_body("unheard_of(&TOY_I(inode)->body->kref);").unread
    assert entry.could.startswith("unheard_of()")
