"""Read one function: its calls in order, each with its kind and the class of its guard.

What comes of a body, by call:

    static void toy_evict(struct inode *inode)
    {
            toy_get(inode);                           "inline", if toy_get is; else "direct"
            if (op->evict_inode)
                    op->evict_inode(inode);           "ops", of super_operations
            else
                    clear_inode(inode);               "default" of evict_inode
            call_rcu(&inode->i_rcu, toy_free);        "direct", and toy_free "deferred"
    }
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from gmemviz.extract.code import (
    SCOPE_MACROS,
    Definition,
    RawCall,
    ScopeClass,
    aliases,
    body_end,
    called_names,
    innermost,
    is_name,
    parameters,
    pointers,
    raw_calls,
    scope_classes,
    tokenize,
)
from gmemviz.extract.index import Index
from gmemviz.extract.names import AT_ONCE, HANDED_OVER, QUEUES
from gmemviz.extract.ops import Receivers, chain, declared, registrations
from gmemviz.facts import Call, CallKind, Function

LSM_CALLS = ("call_void_hook", "call_int_hook")
LONGEST = 400_000  # bytes of a body that we read; the kernel's longest has a quarter of that


class BodyReader:
    """Answer what a body does not say itself, from the rest of an indexed tree."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.tree = index.tree
        self.receivers = Receivers(index)
        self.registered: dict[str, Mapping[str, str]] = {}
        self.classes: dict[str, dict[str, ScopeClass]] = {}

    def scope_class(self, name: str, path: str) -> ScopeClass:
        """Return what DEFINE_CLASS and its kin say of `name`, in the file or in a header.

        One that extends another leaves as that does: toy_try, by DEFINE_GUARD_COND, as toy.
        """
        if path not in self.classes:
            self.classes[path] = scope_classes(self.tree.read(path))
        found = self.classes[path].get(name) or self.shared_classes.get(name) or ScopeClass()
        if found.base and found.base != name:
            return ScopeClass(found.enter, self.scope_class(found.base, path).leave)
        return found

    @cached_property
    def shared_classes(self) -> dict[str, ScopeClass]:
        """Map the names of the scope classes that headers define."""
        shared: dict[str, ScopeClass] = {}
        for path in self.index.headers:
            shared.update(scope_classes(self.tree.read(path)))
        return shared

    def callback_of(self, work: str, path: str) -> str:
        """Return the function that a work item or timer of this name runs, if one file says."""
        if path not in self.registered:
            self.registered[path] = registrations(self.tree.read(path))
        return self.registered[path].get(work, "")


def read_function(reader: BodyReader, name: str, place: Definition) -> Function:
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

    def __init__(self, reader: BodyReader, path: str, head: str, text: str, base: int) -> None:
        self.reader = reader
        self.path = path
        self.base = base
        self.tokens = tokenize(text)
        self.types = declared(head + text)
        members, plain = called_names(self.tokens)
        self.aliases = aliases(self.tokens, plain)
        self.hooks = members | self.aliases.keys()
        self.parameters = parameters(head) | pointers(self.tokens)

    def calls(self) -> Iterator[Call]:
        """Yield the calls in the order of the source."""
        for raw in raw_calls(self.tokens, self.hooks):
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
            guard = innermost(raw.frames).guard
            yield Call(self.argument(raw, 0), "ops", line, guard, "security_list_options")
        else:
            yield self.direct(raw, raw.name, line)
            yield from self.callbacks(raw, line)

    def hook(self, raw: RawCall, names: list[str], member: str, line: int) -> Call:
        """Return a call through a member, with the struct that holds it."""
        struct = self.reader.receivers.owner(names, member, self.types, self.path)
        return Call(member, "ops", line, innermost(raw.frames, raw.name).guard, struct)

    def aliased(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield the calls of a local variable that was set to a function or a hook.

        `free_folio = mapping->a_ops->free_folio; ... free_folio(folio)` is a call of the hook.
        """
        for names in self.aliases[raw.name]:
            if len(names) > 1:
                yield self.hook(raw, names[:-1], names[-1], line)
            elif self.reader.index.place(names[0], self.path):
                yield self.direct(raw, names[0], line)

    def direct(self, raw: RawCall, name: str, line: int) -> Call:
        """Return a call by name; where the hook just tested is NULL, it is that hook's default."""
        frame = innermost(raw.frames)
        if frame.guard == "hook-unset" and frame.hook in self.hooks:
            hook = self.hook_name(frame.hook)
            return Call(name, "default", line, "hook-unset", hook=hook)
        place = self.reader.index.place(name, self.path)
        kind: CallKind = "inline" if place and place.inline else "direct"
        return Call(name, kind, line, frame.guard)

    def hook_name(self, name: str) -> str:
        """Return the hook that a local variable was set to, or the name itself."""
        return next((names[-1] for names in self.aliases.get(name, ()) if len(names) > 1), name)

    def callbacks(self, raw: RawCall, line: int) -> Iterator[Call]:
        """Yield the function that a call hands over, to run at once or later.

        `schedule_work(&toy->work)` hands over what INIT_WORK(&toy->work, ...) of the file named.
        """
        callback = ""
        if raw.name in QUEUES:
            work = self.argument(raw, QUEUES[raw.name])
            callback = self.reader.callback_of(work, self.path)
        elif raw.name in HANDED_OVER:
            name = self.argument(raw, HANDED_OVER[raw.name])
            callback = name if self.reader.index.place(name, self.path) else ""
        if callback:
            kind: CallKind = "direct" if raw.name in AT_ONCE else "deferred"
            yield Call(callback, kind, line, innermost(raw.frames).guard)

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
        if raw.name == "__cleanup":  # it names the function itself
            found = ScopeClass((), (which,))
        else:
            name = f"__free {which}" if raw.name == "__free" else which
            found = self.reader.scope_class(name, self.path)
        for name in (*found.enter, *found.leave):
            yield self.direct(raw, name, line)
