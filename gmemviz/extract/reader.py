"""Keep what the reading of several functions has in common: scope classes, work items, structs."""

from collections.abc import Mapping

from gmemviz.extract.code import ScopeClass, scope_classes
from gmemviz.extract.index import Index
from gmemviz.extract.ops import Receivers, registrations


class Reader:
    """Answer what a body does not say itself, from the rest of an indexed tree."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.tree = index.tree
        self.receivers = Receivers(index)
        self.registered: dict[str, Mapping[str, str]] = {}
        self.classes: dict[str, dict[str, ScopeClass]] = {}

    def scope_class(self, name: str, path: str) -> ScopeClass:
        """Return what DEFINE_CLASS and its kin say of `name`, in the file or in a header."""
        own = self.classes.get(path)
        if own is None:
            own = self.classes[path] = scope_classes(self.tree.read(path))
        found = own.get(name) or self.shared_classes().get(name) or ScopeClass()
        if found.base and found.base != name:
            return ScopeClass(found.enter, self.scope_class(found.base, path).leave)
        return found

    def shared_classes(self) -> dict[str, ScopeClass]:
        """Return the scope classes that headers define."""
        shared = self.classes.get("")
        if shared is None:
            shared = self.classes[""] = {}
            for path in self.index.headers:
                shared.update(scope_classes(self.tree.read(path)))
        return shared

    def callback_of(self, work: str, path: str) -> str:
        """Return the function that a work item or timer of this name runs, if one file says."""
        if path not in self.registered:
            self.registered[path] = registrations(self.tree.read(path))
        return self.registered[path].get(work, "")
