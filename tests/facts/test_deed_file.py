"""A file of deeds is read back a table at a time, and what is wrong with one is one sentence."""

import json
import lzma
import re

import pytest

from gmemviz import facts
from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.facts import FunctionDeeds, deed_file, load, load_deeds, snapshots, table_key
from gmemviz.facts.deed_file import SCHEMA
from tests.facts.test_encoding import SMALL
from tests.facts.test_packed import FUNCTION, TABLE

KEY = "fs/toy/super.c:9 toy_ops"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.json.xz"
    deed_file.write(path, SMALL, {table_key(TABLE): FUNCTION, "another": FUNCTION})
    return path


def data_of(path):
    return json.loads(lzma.decompress(path.read_bytes()))


def test_it_is_read_back_and_says_what_it_is_of(file):
    found = deed_file.read(file, FunctionDeeds)
    assert list(found) == [KEY, "another"]
    assert found[KEY] == FUNCTION
    data = data_of(file)
    assert (data["kernel"], data["release"], data["sha256"]) == ("9.8", "9.8.7", "00ff")


def test_the_same_records_give_the_same_bytes(file, tmp_path):
    before = file.read_bytes()
    deed_file.write(file, SMALL, dict(deed_file.read(file, FunctionDeeds)))
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("schema", SCHEMA + 1, f"no deeds of schema {SCHEMA}"),
        ("words", {}, "'words' is missing or not a list"),
        ("tables", None, "'tables' is missing or not a dict"),
    ],
)
def test_another_file_is_one_sentence(file, key, value, words):
    file.write_bytes(lzma.compress(json.dumps({**data_of(file), key: value}).encode()))
    with pytest.raises(FactsError, match=words):
        deed_file.read(file, FunctionDeeds)


@pytest.mark.parametrize("data", [b"", b"no xz", lzma.compress(b"{"), lzma.compress(b"[1]")])
def test_what_is_no_file_of_deeds_is_one_sentence(file, data):
    file.write_bytes(data)
    with pytest.raises(FactsError, match=r"x\.json\.xz"):
        deed_file.read(file, FunctionDeeds)


@pytest.mark.parametrize("packed", ["[]", "[0,", "[99999, 0, 1, [], [], [], []]", '{"a": 1}'])
def test_a_table_that_cannot_be_decoded_is_named(file, packed):
    data = data_of(file)
    data["tables"][KEY] = packed
    file.write_bytes(lzma.compress(json.dumps(data).encode()))
    found = deed_file.read(file, FunctionDeeds)
    assert found["another"] == FUNCTION
    with pytest.raises(FactsError, match=f"the deeds of {re.escape(KEY)} cannot be read"):
        found[KEY]


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(FactsError, match=r"cannot read .*: No such file"):
        deed_file.read(tmp_path / "gone", FunctionDeeds)


def test_an_unknown_kernel_names_the_known_ones():
    with pytest.raises(UnknownNameError, match=", ".join(snapshots())):
        load_deeds("5.4", FunctionDeeds)


@pytest.mark.parametrize("kernel", snapshots())
def test_the_shipped_deeds_are_of_the_shipped_facts(kernel):
    found = load(kernel)
    data = data_of(facts._DATA / f"{kernel}-deeds.json.xz")
    assert [data[key] for key in ("kernel", "release", "package", "sha256")] == [
        found.kernel, found.release, found.package, found.sha256
    ]  # fmt: skip
    tables = [table for table in found.tables if table.struct == "super_operations"]
    assert list(data["tables"]) == list(map(table_key, tables))


def test_what_is_shipped_of_the_kernels_with_cells_stays_small():
    files = [*facts._DATA.glob("6.12*"), *facts._DATA.glob("7.3*")]
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) < 1_000_000


@pytest.mark.parametrize("kernel", snapshots())
def test_no_text_of_the_kernel_is_shipped(kernel):
    """Words are names, paths, places, and sentences of ours: nothing that ends a statement."""
    data = data_of(facts._DATA / f"{kernel}-deeds.json.xz")
    assert [word for word in data["words"] if re.search("[;{}]|->|&&", word)] == []
