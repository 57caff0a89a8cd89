import pytest

from gmemviz.extract.code.conditions import DEEPEST, Conditions


def label(text):
    """Return the label of the place marked by HERE."""
    return Conditions(text).at(text.index("HERE"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HERE", ""),
        ("#ifdef A\nHERE\n#endif", "A"),
        ("#ifndef A\nHERE\n#endif", "!A"),
        ("#ifdef A\n#endif\nHERE", ""),
        ("#ifdef A\n#else\nHERE\n#endif", "!A"),
        ("#ifndef A\n#else\nHERE\n#endif", "A"),
        ("#if A\n#elif B\nHERE\n#endif", "B"),
        ("#if A\n#elif B\n#else\nHERE\n#endif", "!B"),
        ("#ifdef A\n# ifdef B\nHERE\n# endif\n#endif", "A && B"),
        ("#if defined(A) && !IS_ENABLED(B) /* why */\nHERE\n#endif", "A && !B"),
        ("#if defined(A) || B\n#else\nHERE\n#endif", "!(A || B)"),
        ("#if A > 3\nHERE\n#endif", "other"),
        ("#endif\n#else\nHERE", ""),
    ],
)
def test_labels(text, expected):
    assert label(text) == expected


def test_a_label_tells_of_no_more_than_a_compiler_must_take():
    text = "#ifdef A\n" * (DEEPEST + 9) + "HERE"
    assert label(text).split(" && ") == ["A"] * DEEPEST
