"""What is kept by content: found again, never half, never old, and never missed by anybody."""

import pytest

from gmemviz.kept import Store, content_key, own_files, user_cache

KEY = "a" * 64


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "cache" / "tables")


def test_what_is_put_is_found(kept):
    assert kept.get(KEY) is None
    assert kept.put(KEY, {"a": [1, None]}) == {"a": [1, None]}
    assert kept.get(KEY) == {"a": [1, None]}
    assert [file.name for file in kept.folder.iterdir()] == [KEY]


@pytest.mark.parametrize("harm", [
    lambda text: b"", lambda text: text[:-1], lambda text: text.replace(b"1", b"2"),
    lambda text: b"\xff" + text, lambda text: text.partition(b"\n")[2],
])  # fmt: skip
def test_what_is_damaged_is_made_anew(kept, harm):
    kept.put(KEY, {"a": [11]})
    file = kept.folder / KEY
    file.write_bytes(harm(file.read_bytes()))
    assert kept.get(KEY) is None
    kept.put(KEY, {"a": [12]})
    assert kept.get(KEY) == {"a": [12]}


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    kept = Store(tmp_path / "file" / "tables")
    assert (kept.put(KEY, 3), kept.get(KEY)) == (3, None)
    kept.prune()
    assert (Store().put(KEY, 3), Store().get(KEY)) == (3, None)


def test_the_older_half_is_forgotten(kept):
    for number in range(6):
        kept.put(f"{number}", number)
    kept.prune(6)
    assert len(list(kept.folder.iterdir())) == 6
    kept.prune(5)
    assert len(list(kept.folder.iterdir())) == 3


def test_the_folder_is_the_systems_own(monkeypatch, tmp_path):
    monkeypatch.setenv("GMEMVIZ_CACHE", str(tmp_path))
    assert user_cache("tables") == Store(tmp_path / "tables")
    monkeypatch.setenv("GMEMVIZ_CACHE", "")
    assert user_cache("tables") == Store()
    monkeypatch.delenv("GMEMVIZ_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache("tables") == Store(tmp_path / "gmemviz" / "tables")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache("tables") == Store(tmp_path / ".cache" / "gmemviz" / "tables")
    monkeypatch.setattr("sys.platform", "darwin")
    assert user_cache("t").folder == tmp_path / "Library" / "Caches" / "gmemviz" / "t"


def test_a_key_is_of_all_that_counts(monkeypatch):
    assert content_key(["a"]) != content_key(["b"])
    before = content_key(["a"])
    monkeypatch.setattr("gmemviz.kept.own_files", lambda: "another gmemviz")
    assert content_key(["a"]) != before
    assert len(own_files()) == 64
