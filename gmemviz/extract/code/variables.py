"""Tell which called names are local variables, and what they may have been set to."""

from gmemviz.extract.code.lexer import Tokens, tokenize
from gmemviz.extract.code.statements import is_name


def parameters(head: str) -> frozenset[str]:
    """Return the names that a head's parameter list declares, pointers to functions too."""
    tokens = tokenize(head)
    words = tokens.words
    names = set()
    for index in range(1, len(words)):
        word = words[index]
        if word in (",", ")", "[") and is_name(words[index - 1]):
            names.add(words[index - 1])
    return frozenset(names)


def pointers(tokens: Tokens) -> frozenset[str]:
    """Return the local variables declared as `type (*name)(...)`."""
    words = tokens.words
    return frozenset(
        words[i + 2]
        for i in range(len(words) - 4)
        if words[i] == "(" and words[i + 1] == "*" and words[i + 3 : i + 5] == [")", "("]
    )


def aliases(tokens: Tokens) -> dict[str, list[list[str]]]:
    """Return what each called local variable may be: chains of names such as a_ops, free_folio."""
    words = tokens.words
    called = {
        words[i]
        for i in range(1, len(words) - 1)
        if words[i + 1] == "(" and is_name(words[i]) and words[i - 1] not in ("->", ".")
    }
    found: dict[str, list[list[str]]] = {}
    for index in range(1, len(words) - 2):
        if words[index] != "=" or words[index - 1] == "]":
            continue
        name = assigned(tokens, index)
        if name in called:
            values = found.setdefault(name, [])
            values.extend(value for value in assignable(tokens, index + 1) if value not in values)
    return found


def assignable(tokens: Tokens, start: int) -> list[list[str]]:
    """Return the chains of names that an assigned value may be: both sides of a `? :`."""
    words = tokens.words
    end = next((i for i in range(start, min(start + 40, len(words))) if words[i] in ",;"), start)
    question = next((i for i in range(start, end) if words[i] == "?"), start - 1)
    chains = []
    for first, last in tokens.split(question + 1, end, ":"):
        names = [word for word in words[first:last] if word not in ("->", ".", "&", "(", ")")]
        if names and all(is_name(word) for word in names) and names != ["NULL"]:
            chains.append(names)
    return chains


def assigned(tokens: Tokens, equals: int) -> str:
    """Return the variable before `=`, be it declared as `void (*name)(args) =`."""
    words = tokens.words
    if words[equals - 1] == ")":
        start = tokens.opening(equals - 1)
        return words[start - 2] if start > 3 and words[start - 1] == ")" else ""
    before = words[equals - 2] if equals > 1 else ""
    return words[equals - 1] if before not in ("->", ".") else ""
