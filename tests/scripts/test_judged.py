"""The verdicts are those of the tables, each by its key."""

from gmemviz.derive import Judged, packed, shipped_tables
from gmemviz.facts import table_key
from scripts import judged


def test_a_table_is_judged_by_its_own_deeds():
    (befs,) = shipped_tables("6.12", "befs")
    assert judged.judge(befs) == Judged("correct", 0, 1)


def test_what_is_written_has_a_row_for_each_table(monkeypatch, tmp_path, capsys):
    tables = shipped_tables("7.3", "9p")
    monkeypatch.setattr(judged, "shipped_tables", lambda kernel: tables)
    monkeypatch.setattr(judged, "snapshots", lambda: ("7.3",))
    monkeypatch.setattr(judged, "OUT", tmp_path / "judged.json")
    assert judged.main() == 0
    rows = {table_key(read.table): judged.judge(read) for read in tables}
    assert (tmp_path / "judged.json").read_text() == packed({"7.3": rows})
    assert "judged.json" in capsys.readouterr().out
