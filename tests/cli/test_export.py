"""gmemviz export: a page of a Design, a recording or two Designs."""

import shutil

import pytest

from gmemviz.record.text.files import DATA

OWN = """
kernel = "7.3"
mount = "own"
metadata.shared_policy = "i_private"
hooks.evict_inode = ["truncate", "clear_inode", "free shared_policy"]
"""


CELL = "--kernel 7.3 --mount own --placement i_private --cleanup none --metadata resv_map"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(OWN, encoding="utf-8")
    shutil.copy(str(DATA / "6.12-pipe.txt.xz"), tmp_path / "mine.txt.xz")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("guest_memfd-7.3", "guest_memfd-7.3: correct"),
        (
            "guest_memfd-7.3 --scenario module-exit",
            "guest_memfd-7.3: objects-remain, use-after-free",
        ),
        (CELL, "7.3, own mount, resv_map in i_private, none: leak"),
        (f"{CELL} --scenario last-close", "7.3, own mount, resv_map in i_private, none: leak"),
        ("--state guest_memfd-7.3/o-path/3", "guest_memfd-7.3: correct"),
        ("--design mine.toml", "mine: "),
        ("--compare guest_memfd-6.12 mine.toml", "guest_memfd-6.12 and mine"),
        ("6.12-pipe", "6.12-pipe: a pipe is made and both of its ends are closed (recorded)"),
        ("mine.txt.xz", "mine.txt.xz (recorded)"),
    ],
)
def test_export_writes_one_page(run, folder, line, title):
    before = set(folder.iterdir())
    assert run(f"export {line} -o page.html") == (0, "", "")
    assert set(folder.iterdir()) - before == {folder / "page.html"}
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert f"<title>{title}" in page
    assert f"Again: <code>gmemviz export {line}" in page or line == "mine.txt.xz"
    assert str(folder) not in page
    assert run(f"export {line} -o again.HTML") == (0, "", "")
    assert (folder / "again.HTML").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("guest_memfd-7.3", "guest_memfd-7.3.html"),
        (CELL, "7.3-own-mount-resv_map-in-i_private-none.html"),
        ("./mine.txt.xz", "mine.txt.xz.html"),
        ("--compare shmem-6.12 shmem-7.3", "shmem-6.12-and-shmem-7.3.html"),
    ],
)
def test_without_a_name_it_says_which_file_it_wrote(run, folder, line, name):
    assert run(f"export {line}") == (0, f"{name}\n", "")
    assert (folder / name).stat().st_size > 50_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "export guest_memfd-7.3 -o x.txt",
            "unknown suffix of x.txt: '.txt' (must be one of .html)",
        ),
        ("export guest_memfd-7.3 --scenario nil -o x.html", "unknown scenario: 'nil'"),
        ("export", "missing: --kernel, --mount"),
        (
            "export guest_memfd-9",
            "unknown Design, recording or file: 'guest_memfd-9' (must be one of guest_memfd-",
        ),
        ("export guest_memfd-7.3 -o page.htm", "'.htm' (must be one of .html)"),
        ("export guest_memfd-7.3 -o /nowhere/x.html", "cannot write /nowhere/x.html"),
        ("export guest_memfd-7.3 --scenario nil", "unknown scenario: 'nil'"),
        ("export guest_memfd-7.3 --scenario second-creation", "does not ask about"),
        ("export guest_memfd-7.3 --state shmem-7.3", "or --state STRING"),
        (
            "export --state guest_memfd-7.3 --scenario o-path",
            "a state says it all: it takes no scen",
        ),
        ("export --state guest_memfd-7.3/o-path/999", "step 999 is beyond the run o-path"),
        ("export --compare shmem-7.3", "expected 2 arguments"),
        ("export --compare shmem-7.3 shmem-9", "unknown design: 'shmem-9'"),
        (
            "export shmem-6.12 --compare shmem-6.12 shmem-7.3",
            "--compare says it all: it takes no nam",
        ),
        ("export 6.12-pipe --kernel 6.12", "a recording says it all: it takes no kernel"),
        ("export mine.toml", "mine.toml is not a recording"),
        ("export --design none.toml", "cannot read none.toml: No such file"),
        (f"export {CELL.replace('i_private', 'i_private-flags')}", "nothing to show: i_private-fl"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, folder, line, said):
    assert said in refused(line)
