"""The codes, by what is asked of them."""

from gmemviz.model.design.defects import DEFECTS, codes_that


def test_codes_are_asked_for_in_the_order_of_the_table():
    assert codes_that() == tuple(DEFECTS)
    assert codes_that(at_end=True) == ("hang", "inode-leak", "leak")
    assert codes_that(weight="fatal") == (
        "assertion", "crash", "double-free", "no-such-field", "use-after-free", "wrong-cache",
    )  # fmt: skip
    assert codes_that(shown_by="compiler") == ("no-such-field",)
    assert codes_that(shown_by="kernel", at_end=True) == ("inode-leak", "leak")
    assert codes_that(weight="fatal", at_end=True) == ()
