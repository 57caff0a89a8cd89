"""The site: what it carries, and that its playground answers as the command line does."""

import base64
import hashlib
import io
import json
import random
import re
import zipfile
import zlib

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.model import check, design_from_choices
from gmemviz.stage import AXES, stage, stage_of_both
from gmemviz.study import CHOICES, Matrix, cells, designs_for, gallery
from scripts import site
from scripts.site_files import answers

MINE = """
kernel = "7.3"
mount = "own"
metadata.tree = { placement = "containing-struct", read_by = ["truncation"] }
hooks.alloc_inode = ["alloc container", "init tree"]
hooks.evict_inode = ["free tree", "truncate", "clear_inode"]
hooks.free_inode = ["free struct"]
"""


def ask(**question):
    return json.loads(answers.answer(json.dumps(question)))


def some_cells(count, seed=20):
    chance = random.Random(seed)  # noqa: S311
    return [{axis: chance.choice(words) for axis, words in AXES.items()} for _ in range(count)]


@pytest.mark.parametrize("choices", some_cells(12), ids=lambda cell: "/".join(cell.values()))
def test_a_toggle_is_answered_as_the_stage_is(choices):
    answers._shown.clear()
    found = ask(choices=choices)
    wanted = stage(check(design_from_choices(**choices)))
    assert found["value"] == json.loads(json.dumps(wanted))
    assert found["link"] == "/".join(choices.values())


def test_a_second_toggle_says_what_was_before():
    answers._shown.clear()
    before = {**some_cells(1)[0], "cleanup": "none", "placement": "containing-struct"}
    ask(choices=before)
    found = ask(choices={**before, "cleanup": "free-all"})
    assert (found["value"]["was"]["before"], found["value"]["was"]["after"]) == ("none", "free-all")


def test_a_state_opens_at_its_step():
    found = ask(state="guest_memfd-7.3/last-close/12")
    assert found["value"]["title"] == "guest_memfd-7.3"
    assert found["link"] == "guest_memfd-7.3/last-close/12"
    code = ask(state="rfc-v1-free_inode/to-late-release")["value"]["headline"]["code"]
    assert code == "late-release"


def test_a_design_of_one_s_own_is_its_link():
    found = ask(toml=MINE)
    assert found["value"]["headline"]["code"] == "use-after-free"
    packed = found["link"].removeprefix("toml=")
    text = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), wbits=-15)
    assert text.decode() == MINE


def test_a_design_that_is_too_long_for_a_link_has_none():
    noise = random.Random(1)  # noqa: S311
    says = "".join(chr(noise.randrange(0x4E00, 0x9000)) for _ in range(9000))
    assert ask(toml=f"{MINE}\n# {says}")["link"] == ""


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"state": "7.3/own/i_private/none/nothing"}, "nothing"),
        ({"toml": "kernel = 7"}, "kernel"),
        ({"toml": "kernel =\nmount = 1"}, "line 1"),
        ({"filesystem": "7.3/ext5"}, "ext4"),
        ({"filesystem": "7.3/"}, "'7.3/' names no filesystem"),
        ({"filesystem": "7.3"}, "'7.3' names no filesystem"),
        ({"filesystem": "%"}, "'%' names no filesystem"),
        ({"choices": {}}, ""),
        ({"both": "rfc-v2"}, "are not two Designs"),
        ({"both": "rfc-v2/to-late-release|guest_memfd-7.3"}, "share one run"),
        ({"both": "rfc-v2|guest_memfd-7.4"}, "guest_memfd-7.3"),
        ({"matrix": "7.3"}, "own"),
        ({"matrix": "7.4/own"}, "7.3"),
        ({"designs": "7.3/own/flag"}, "flags"),
        ({"designs": "7.3/own"}, "metadata"),
        ({"magic": 1}, "magic"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(question, sentence):
    assert sentence in ask(**question)["refused"]


def test_what_is_undecided_is_not_called_a_defect():
    said = ask(filesystem="7.3/btrfs")["value"]["headline"]
    assert said["mark"] == "unknown"
    assert said["sentence"].startswith("Undecided: btrfs of 7.3, as its source was read")
    assert said["sentence"].lower().count("undecided") == 1


@pytest.mark.parametrize("name", ["6.1/bpf", "6.12/proc"])
def test_a_filesystem_whose_body_asks_and_reads_is_answered(name):
    found = ask(filesystem=name)
    assert found["link"] == f"fs={name}"
    assert any(step["line"] for step in found["value"]["steps"])


def test_each_fault_of_a_page_has_a_line_as_on_the_command_line():
    refused = ask(toml='kernel = "7.5"\nmount = "onw"\n')["refused"]
    assert [line[:7] for line in refused.splitlines()] == ["line 1:", "line 2:"]


def test_the_language_is_a_page_that_fits_a_phone_and_leads_back():
    page = site._language().decode()
    assert 'name="viewport"' in page
    assert 'href="playground.html"' in page
    assert "alloc_inode" in page


def test_the_tints_are_those_of_the_rail():
    choices = some_cells(1)[0]
    found = json.loads(answers.tinted(json.dumps(choices)))
    assert {axis: [*words] for axis, words in found.items()} == {
        axis: [*words] for axis, words in AXES.items()
    }


def test_equal_packages_are_equal_zips_without_what_needs_a_kernel():
    packed = site.package_zip()
    assert packed == site.package_zip()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert {"answers.py", "gmemviz/stage/stage.py", "gmemviz/study/gallery.toml"} <= {*names}
    assert not [name for name in names if name.startswith(("gmemviz/cli/", "gmemviz/probe/"))]
    assert len(packed) < 2_300_000


def test_what_npm_gives_is_pinned(tmp_path, monkeypatch):
    for row in site.packages().values():
        assert re.fullmatch(r"[0-9a-f]{128}", row["sha512"])
    monkeypatch.setattr(site, "FETCHED", tmp_path)
    (tmp_path / "left-1.tgz").write_bytes(b"another one")
    with pytest.raises(GmemvizError, match="is not what is pinned"):
        site.fetched("left", "1", "0" * 128)
    assert not (tmp_path / "left-1.tgz").exists()
    (tmp_path / "left-1.tgz").write_bytes(b"this one")
    assert site.fetched("left", "1", hashlib.sha512(b"this one").hexdigest()) == b"this one"


def test_the_service_worker_changes_with_any_file():
    files = {"a.js": b"1", "b.js": b"2"}
    first = site.service(files).decode()
    assert '["./a.js", "./b.js"]' in first
    assert "$" not in re.sub(r"\$\{", "", first)
    assert site.service({**files, "b.js": b"3"}).decode() != first


def test_the_playground_asks_nobody_else():
    page = site._playground({}).decode()
    assert re.search(r'Content-Security-Policy" content="default-src &#x27;none&#x27;', page)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    assert [source for source in sources if ":" in source and source != "data:,"] == []


def test_a_page_of_the_gallery_shows_what_a_link_to_it_says():
    name, page = next(site.design_pages())
    said = stage(check(gallery(page.name)))["headline"]["sentence"]
    assert page.says == said
    assert f'href="../playground.html#{page.name}"' in page.text
    assert 'property="og:title"' in page.text
    assert name == f"gallery/{page.name}.html"


def test_a_name_cannot_leave_its_tag():
    evil = '"><script>'
    page = site._previewed("<title>x</title><header></header>", evil, evil, "")
    assert "<script>" not in page
    assert "<script>" not in site._item(evil, site.SitePage("", evil, evil))


@pytest.mark.parametrize("words", ["rfc-v2", "guest_memfd-7.3", "7.3/own/i_private/none/resv_map"])
def test_what_stands_before_a_step_leads_to_the_run_that_is_shown(words):
    shown = ask(state=words)
    steps = [step["says"] for step in shown["value"]["steps"]]
    again = ask(state=f"{shown['walk']}{len(steps) - 1}")
    assert again["value"]["moment"] == len(steps) - 2
    assert [step["says"] for step in again["value"]["steps"]] == steps
    assert again["walk"] == shown["walk"]


def test_two_designs_are_shown_as_the_stage_shows_both():
    found = ask(both="rfc-v2|guest_memfd-7.3")
    wanted = stage_of_both(gallery("rfc-v2"), gallery("guest_memfd-7.3"))
    assert found["value"] == json.loads(json.dumps(wanted))
    assert found["link"] == "rfc-v2|guest_memfd-7.3"
    assert found["walk"] == "rfc-v2|guest_memfd-7.3&step="


def test_designs_that_keep_something_are_those_of_the_package_and_progress_is_told():
    told = []
    question = json.dumps({"designs": "7.3/own/flags"})
    found = json.loads(answers.answer(question, lambda *how_far: told.append(how_far)))
    wanted = designs_for(["flags"], kernel="7.3").correct
    assert [row["head"][1] for row in found["list"]["rows"]] == [
        each.design.title for each in wanted
    ]
    assert wanted
    assert told
    assert all(done <= total for done, total in told)
    assert found["link"] == "designs=7.3/own/flags"


def test_the_matrix_is_that_of_the_package_and_each_cell_is_a_link(monkeypatch):
    part = list(cells(["7.3"], mounts=["own"]))
    rows = Matrix(
        {
            **dict(zip(CHOICES, cell, strict=True)),
            "defects": [],
            "verdict": "correct",
            "evidence": "model",
        }
        for cell in part
    )
    rows[0].update(defects=["leak"], verdict="defects")
    monkeypatch.setattr(answers, "matrix", lambda *_, **__: rows)
    found = ask(matrix="7.3/own")["list"]
    first = found["rows"][0]["cells"][0]
    assert first == {"says": "leak", "link": "/".join(part[0]), "verdict": "defects"}
    assert sum(len(row["cells"]) for row in found["rows"]) == len(part)
    assert found["says"].startswith(f"{len(part)} cells")


def test_tasks_are_done_one_by_one():
    told = []
    tasks = answers.OneByOne()
    tasks.tell = lambda *how_far: told.append(how_far)
    assert list(tasks.map(str, [1, 2], chunksize=5)) == ["1", "2"]
    assert told == [(1, 2), (2, 2)]
