"""Read one function: its calls in order, each with its kind and the class of its guard."""

from collections.abc import Iterator

from gmemviz.extract.code import (
    SCOPE_MACROS,
    Definition,
    Frame,
    RawCall,
    ScopeClass,
    aliases,
    body_end,
    innermost,
    is_name,
    parameters,
    pointers,
    raw_calls,
    tokenize,
)
from gmemviz.extract.ops import AT_ONCE, LATER, QUEUES, chain, declared
from gmemviz.extract.reader import Reader
from gmemviz.facts import Call, CallKind, Function, Guard

LSM_CALLS = ("call_void_hook", "call_int_hook")


LONGEST = 400_000  # bytes of a body that we read; the kernel's longest has a quarter of that


def read_function(reader: Reader, name: str, place: Definition) -> Function:
    """Return the function, or function-like macro, that is defined at `place`."""
    text = reader.tree.read(place.path)
    end = min(body_end(text, place.body), place.body + LONGEST)
    body = text[place.body : end].decode("latin-1")
    head = text[place.head : place.body].decode("latin-1")
    base = place.body
    if not body.startswith("{"):  # a macro
        body, base = "{" + body + ";}", base - 1
    calls = tuple(Body(reader, place.path, head, body, base).calls())
    line = reader.tree.line(place.path, place.at)
    return Function(name, place.path, line, place.static, place.inline, calls)


class Body:
    """Turn the raw calls of one body into records."""

    def __init__(self, reader: Reader, path: str, head: str, text: str, base: int) -> None:
        self.reader = reader
        self.path = path
        self.base = base
        self.tokens = tokenize(text)
        self.types = declared(head + text)
        self.aliases = aliases(self.tokens)
        self.parameters = parameters(head) | pointers(self.tokens)
        words = self.tokens.words
        self.hooks = {
            words[i]
            for i in range(1, len(words) - 1)
            if words[i + 1] == "(" and words[i - 1] in ("->", ".")
        }
        self.raw = raw_calls(self.tokens, self.hooks | self.aliases.keys())

    def calls(self) -> Iterator[Call]:
        """Yield the calls in the order of the source."""
        for raw in self.raw:
            line = self.reader.tree.line(self.path, self.base + raw.offset)
            if raw.member:
                yield self.hook(raw, chain(self.tokens, raw.token), raw.name, line)
            elif raw.name in self.aliases:
                yield from self.aliased(raw, line)
            # A parameter is a function that the caller chose.
            elif raw.name not in self.parameters:
                yield from self.named(raw, line)

    def named(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield what a call by name comes to, callbacks and scope classes included."""
        if raw.name in SCOPE_MACROS:
            yield from self.scope(raw, line)
        elif raw.name in LSM_CALLS:
            guard = self.guard(innermost(raw.frames, ""))
            yield Call(self.argument(raw, 0), "ops", line, guard, "security_list_options")
        else:
            yield self.direct(raw, raw.name, line)
            yield from self.callbacks(raw, line)

    def hook(self, raw: RawCall, names: list[str], member: str, line: int) -> Call:
        """Return a call through a member, with the struct that holds it."""
        struct = self.reader.receivers.owner(names, member, self.types, self.path)
        guard = self.guard(innermost(raw.frames, raw.name))
        return Call(member, "ops", line, guard, struct)

    def aliased(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield the calls of a local variable that was set to a function or a hook."""
        # `free_folio = mapping->a_ops->free_folio; ... free_folio(folio)`
        for names in self.aliases[raw.name]:
            if len(names) > 1:
                yield self.hook(raw, names[:-1], names[-1], line)
            elif self.reader.index.place(names[0], self.path):
                yield self.direct(raw, names[0], line)

    def direct(self, raw: RawCall, name: str, line: int) -> Call:
        """Return a call by name; where the hook just tested is NULL, it is that hook's default."""
        frame = self.unset_hook(raw) or innermost(raw.frames, "")
        if frame and frame.guard == "hook-unset" and self.is_called(frame.hook):
            hook = self.hook_name(frame.hook)
            return Call(name, "default", line, "hook-unset", hook=hook)
        place = self.reader.index.place(name, self.path)
        kind: CallKind = "inline" if place and place.inline else "direct"
        return Call(name, kind, line, self.guard(frame))

    def unset_hook(self, raw: RawCall) -> Frame | None:
        """Return the nearest condition if it is that a hook is NULL."""
        last = raw.frames[-1] if raw.frames else None
        return last if last and last.guard == "hook-unset" else None

    def is_called(self, hook: str) -> bool:
        """Tell whether the body calls this hook itself."""
        return hook in self.hooks or hook in self.aliases

    def hook_name(self, name: str) -> str:
        """Return the hook that a local variable was set to, or the name itself."""
        return next((names[-1] for names in self.aliases.get(name, ()) if len(names) > 1), name)

    def guard(self, frame: Frame | None) -> Guard:
        """Return the class of a condition, or "" for none."""
        return frame.guard if frame else ""

    def callbacks(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield the functions that a call hands over, to run at once or later."""
        which = LATER.get(raw.name, AT_ONCE.get(raw.name))
        guard = self.guard(innermost(raw.frames, ""))
        if which is not None:
            name = self.argument(raw, which)
            if name and self.reader.index.place(name, self.path):
                yield Call(name, "deferred" if raw.name in LATER else "direct", line, guard)
        elif raw.name in QUEUES:
            work = self.argument(raw, QUEUES[raw.name])
            callback = self.reader.callback_of(work, self.path)
            if callback:
                yield Call(callback, "deferred", line, guard)

    def argument(self, raw: RawCall, which: int) -> str:
        """Return the last name of an argument: work for &q->work."""
        start = raw.token + 1
        parts = self.tokens.split(start + 1, self.tokens.matching(start), ",")
        if which >= len(parts):
            return ""
        names = [word for word in self.tokens.words[slice(*parts[which])] if is_name(word)]
        return names[-1] if names else ""

    def scope(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield what guard(), CLASS() and __free() call on the way in and out."""
        which = self.argument(raw, 0)
        if raw.name == "__cleanup":
            found = ScopeClass((), (which,))
        else:
            name = f"__free {which}" if raw.name == "__free" else which
            found = self.reader.scope_class(name, self.path)
        for name in (*found.enter, *found.leave):
            yield self.direct(raw, name, line)
