"""Tell which called names are local variables, and what they may have been set to.

    void (*free_folio)(struct folio *);
    free_folio = mapping->a_ops->free_folio;
    if (free_folio)
            free_folio(folio);        a call through address_space_operations

What a parameter points to is the caller's choice, and a call of it names nobody.
"""

from gmemviz.extract.code.lexer import Tokens, is_name, tokenize

FARTHEST = 40  # tokens behind a `=` within which its value ends


def called_names(tokens: Tokens) -> tuple[set[str], set[str]]:
    """Return the names that are called as members and those called plainly.

    ({"evict_inode"}, {"clear_inode"}) for `op->evict_inode(inode); clear_inode(inode);`.
    """
    members: set[str] = set()
    plain: set[str] = set()
    words = tokens.words
    for index in range(1, len(words) - 1):
        if words[index + 1] == "(" and is_name(words[index]):
            is_member = words[index - 1] in ("->", ".")
            (members if is_member else plain).add(words[index])
    return members, plain


def parameters(head: str) -> frozenset[str]:
    """Return the names that a head's parameter list declares, pointers to functions too."""
    words = tokenize(head).words
    names = set()
    for index in range(1, len(words)):
        if words[index] in (",", ")", "[") and is_name(words[index - 1]):
            names.add(words[index - 1])
    return frozenset(names)


def pointers(tokens: Tokens) -> frozenset[str]:
    """Return the local variables declared as `type (*name)(...)`."""
    words = tokens.words
    names = set()
    for index in range(len(words) - 4):
        is_pointer = words[index] == "(" and words[index + 1] == "*"
        if is_pointer and words[index + 3 : index + 5] == [")", "("]:
            names.add(words[index + 2])
    return frozenset(names)


def aliases(tokens: Tokens, called: set[str]) -> dict[str, list[list[str]]]:
    """Return what each variable that is called may be: chains of names such as a_ops, free_folio.

    `f = x ? first : ops->second` makes {"f": [["first"], ["ops", "second"]]}.
    """
    words = tokens.words
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
    farthest = min(start + FARTHEST, len(words))
    end = next((index for index in range(start, farthest) if words[index] in ",;"), start)
    # What stands before a ? is a test, and not a value.
    begin = words.index("?", start, end) + 1 if "?" in words[start:end] else start
    chains = []
    for first, last in tokens.split(begin, end, ":"):
        names = [word for word in words[first:last] if word not in ("->", ".", "&", "(", ")")]
        if names and all(map(is_name, names)) and names != ["NULL"]:
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
