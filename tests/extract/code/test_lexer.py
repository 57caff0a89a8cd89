import pytest

from gmemviz.extract.code.lexer import is_name, tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = y->z[0];", "x = y -> z [ 0 ] ;"),
        ("a /* b */ c // d\ne", "a c e"),
        ("f(\"a(b)\", 'c', 12UL, 0x10)", 'f ( " , " , 1 , 1 )'),
        ("a && b || c != d / e", "a && b || c != d / e"),
        ("a(x, ...); @ b", "a ( x , ... ) ; b"),
        ("\n# define X \\\n y\nz", "z"),
    ],
)
def test_words(text, words):
    assert tokenize(text).words == words.split()


def test_offsets_are_those_of_the_text():
    text = "first /* no */ = second(3);"
    tokens = tokenize(text)
    assert [text[offset] for offset in tokens.offsets] == ["f", "=", "s", "(", "3", ")", ";"]


def test_brackets_know_each_other():
    tokens = tokenize("f(a[b], { c })")
    assert tokens.matching(1) == len(tokens.words) - 1
    assert tokens.matching(3) == 5
    assert tokens.opening(5) == 3
    assert tokenize("f(a").matching(1) == 3  # the end, where nothing closes


def test_split_leaves_brackets_whole():
    tokens = tokenize("a, f(b, c), d")
    parts = [tokens.words[first:last] for first, last in tokens.split(0, len(tokens.words), ",")]
    assert parts == [["a"], ["f", "(", "b", ",", "c", ")"], ["d"]]


def test_of_two_branches_that_open_one_brace_the_first_stays():
    text = "\n#ifdef A\nif (x) {\n#elif B\nif (y) {\n#else\nif (z) {\n#endif\na(); }"
    assert tokenize(text).words == tokenize("if (x) { a(); }").words
    assert tokenize("\n#if A\nx();\n#else\ny();\n#endif").words == tokenize("x(); y();").words


@pytest.mark.parametrize(
    ("word", "answer"), [("evict", True), ("_T", True), ("", False), ("1", False), ("->", False)]
)
def test_names(word, answer):
    assert is_name(word) is answer
