"""What is done on the way out of a block: the kernel's scopes, in headers of our own words."""

import textwrap

import pytest

from tests.extract.deeds.conftest import spell

CLEANUP = {
    "include/linux/toyfree.h": """
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(drop, struct toy, kfree(_T.body))
DEFINE_FREE(drop_at, struct toy, drop_toy(&_T))
DEFINE_GUARD(toy, struct toy *, mutex_lock(&_T->lock), mutex_unlock(&_T->lock))
DEFINE_LOCK_GUARD_1(mutex, struct mutex, mutex_lock(_T->lock), mutex_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(mutex, _try, mutex_trylock(_T->lock))
DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())
DEFINE_CLASS(link, char *, kfree(_T), inode->i_link, struct inode *inode)
"""
}


@pytest.fixture
def of_scopes(deeds):
    def read(body, before=""):
        inner = textwrap.indent(body, "\t")
        text = f"{before}\nchar *toy(struct inode *inode)\n{{\n{inner}\n}}\n"
        return deeds(text, **CLEANUP).of("toy", "fs/toy/toy.c")

    return read


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("char *x __free(kfree) = inode->i_link;\nclear_inode(inode);",
         ["clears inode", "given back i_link if i_link set"]),
        ("if (inode->i_private) {\nchar *x __free(kfree) = inode->i_link;\nif (is_bad_inode(inode))\nreturn NULL;\n}\nclear_inode(inode);",
         ["given back i_link if inode bad and i_link set and i_private set",
          "given back i_link if not inode bad and i_link set and i_private set",
          "clears inode if not i_private set or not inode bad"]),
        ("char *x __free(kfree) = inode->i_link;\nreturn_ptr(x);", []),
        ("char *x __free(kfree) = inode->i_link;\nchar *y = no_free_ptr(x);\nkfree(y);",
         ["given back i_link"]),
        ("char *x __free(kfree) = NULL;\nx = inode->i_link;", ["given back i_link if i_link set"]),
        ("while (inode->i_nlink) {\nchar *x __free(kfree) = inode->i_link;\nbreak;\n}",
         ["given back i_link if loop and not inode nlink 0 and i_link set"]),
        ("struct toy part __free(drop_at) = { .body = inode->i_link };",
         ["given back i_link"]),
        ("char *x __cleanup(put) = inode->i_link;", ["given back i_link"]),
        ("guard(toy)(TOY_I(inode));\nclear_inode(inode);",
         ["locked container.lock", "clears inode", "unlocked container.lock"]),
        ("guard(mutex)(&TOY_I(inode)->lock);\nif (is_bad_inode(inode))\nreturn NULL;\nclear_inode(inode);",
         ["locked container.lock", "unlocked container.lock if inode bad",
          "clears inode if not inode bad", "unlocked container.lock if not inode bad"]),
        ("scoped_guard(mutex, &TOY_I(inode)->lock) {\nkfree(inode->i_link);\n}\nclear_inode(inode);",
         ["locked container.lock", "given back i_link", "unlocked container.lock", "clears inode"]),
        ("guard(rcu)();\nclear_inode(inode);", ["clears inode"]),
        ("CLASS(link, name)(inode);\nclear_inode(inode);", ["clears inode", "given back i_link"]),
        ("ACQUIRE(mutex_try, held)(&TOY_I(inode)->lock);\nclear_inode(inode);",
         ["locked container.lock", "clears inode", "unlocked container.lock"]),
    ],
)  # fmt: skip
def test_the_way_out_of_a_scope(of_scopes, body, expected):
    put = "static void put(char **x)\n{\n\tkfree(*x);\n}\n"
    drop = "static void drop_toy(struct toy *toy)\n{\n\tkfree(toy->body);\n}\n"
    found = of_scopes(body, put + drop)
    assert spell(found) == expected
    assert found.unread == ()


@pytest.mark.parametrize(
    "body", ["guard(unheard_of)(TOY_I(inode));", "CLASS(unheard_of, x)(inode);"]
)
def test_a_class_that_nobody_defines_is_unread(of_scopes, body):
    (entry,) = of_scopes(body).unread
    assert entry.why == "its class was not found"
