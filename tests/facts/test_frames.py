import subprocess
import sys

from gmemviz import facts
from gmemviz.facts.census import INODE_HOOKS


def test_records_become_rows():
    found = facts.frame(facts.callees(facts.load("7.3"), "evict", filesystems=["shmem"]))
    assert list(found.columns[:3]) == ["caller", "callee", "kind"]
    assert found["callee"].tolist()[-1] == "destroy_inode"
    assert facts.frame([]).empty


def test_tables_and_census():
    found = facts.load("7.3")
    assert len(facts.frame(found.tables)) == len(found.tables)
    census = facts.census(found)
    combinations = facts.census_frame(census)
    assert combinations["tables"].sum() == census.tables
    assert list(combinations.columns) == [*INODE_HOOKS, "tables"]


def test_pandas_is_not_imported_for_facts():
    code = "import sys, gmemviz.facts; gmemviz.facts.load('7.3').tables; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
