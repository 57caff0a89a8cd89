"""gmemviz confirm: statuses, one sentence for bad input, and what it hands on."""

import json

import pytest

from gmemviz.cli import confirm as place
from gmemviz.cli.main import main
from gmemviz.errors import RecordingError
from gmemviz.evidence.confirm.confirm import Confirmation, confirmation
from gmemviz.evidence.confirm.filesystem import confirmation_of
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.model import check
from gmemviz.record.boot import Provoked
from gmemviz.record.kernels import add_kernel
from gmemviz.study import gallery
from tests.record.boot.images import image

FREED = "gmemviz: x is read when its memory is freed: 6b 6b 6b 6b, red zone bb bb bb bb"


@pytest.fixture
def kernel(monkeypatch):
    """Let a kernel say the same line in every run, or nothing; return what it was asked."""
    asked = []

    def confirm(design, *, kernel, out, accel, progress):
        progress("booting 6.12.0")
        asked.append(design)
        confirm.out, confirm.kernel, confirm.accel = out, kernel, accel
        said = {f"your {run}": confirm.words for run in runs_of_design(design)}
        return confirmation(design, "6.12.0", said)

    confirm.words = ()
    confirm.asked = asked
    monkeypatch.setattr(place, "confirm", confirm)
    return confirm


def test_agreement_is_0_and_progress_goes_to_stderr(kernel, capsys):
    assert main(["confirm", "secretmem-6.12"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("agrees")
    assert err == "booting 6.12.0\n"


def test_disagreement_is_1_and_both_are_shown(kernel, capsys):
    kernel.words = (FREED,)
    assert main(["confirm", "secretmem-6.12", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["judgement"], said["surplus"]) == ("disagrees", ["use-after-free"])
    assert said["shown"]["use-after-free"]["line"] == FREED


def test_a_word_that_has_no_c_is_2_and_named(refused_design):
    said = refused_design('actors.giver = { holds = "inode", does = ["hand over blob"] }')
    assert "no C is written yet for what actor giver says: hand over blob" in said
    said = refused_design('error_path = ["hand over blob"]')
    assert "no C is written yet for what error path says: hand over blob" in said


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Give a function that adds a kernel of one's own, of a release, by the name of mine."""
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    return lambda release: add_kernel(image(tmp_path, f"{release} ".encode()), name="mine")


FIVE = "--mount own --placement i_private --cleanup none --metadata resv_map"


@pytest.mark.parametrize("line", ["secretmem-6.12", "secretmem-7.3", FIVE])
def test_a_kernel_of_ones_own_is_asked_of_the_design_as_its_release_has_it(
    kernel, own, capsys, line
):
    own("7.3.9-mine+")
    main(["confirm", *line.split(), "--kernel", "mine"])
    assert kernel.kernel == "mine"
    assert [asked.kernel for asked in kernel.asked] == ["7.3"]
    assert "neither" not in capsys.readouterr().err


def test_of_a_release_that_no_facts_are_of_the_design_stays_and_that_is_said(kernel, own, capsys):
    own("6.15.0")
    assert main(["confirm", "secretmem-6.12", "--kernel", "mine"]) == 0
    assert (kernel.kernel, kernel.asked[0].kernel) == ("mine", "6.12")
    assert "Linux 6.15.0 is neither 6.12 nor 7.3: it is asked" in capsys.readouterr().err


def test_a_kernel_that_is_not_here_is_refused_with_those_that_are(kernel, own, capsys):
    own("6.15.0")
    assert main(["confirm", "secretmem-6.12", "--kernel", "mnie"]) == 2
    said = capsys.readouterr().err
    assert "did you mean mine?" in said
    assert "`gmemviz kernels add IMAGE` takes one of your own" in said
    assert kernel.asked == []


def test_an_image_is_asked_that_nobody_added(kernel, tmp_path):
    file = str(image(tmp_path, b"7.3.9-mine "))
    main(["confirm", "secretmem-6.12", "--kernel", file])
    assert (kernel.kernel, kernel.asked[0].kernel) == (file, "7.3")


def test_the_accelerator_is_handed_on(kernel, capsys):
    main(["confirm", "secretmem-6.12"])
    assert (kernel.accel, kernel.kernel) == ("auto", None)
    main(["confirm", "secretmem-6.12", "--accel", "tcg"])
    assert kernel.accel == "tcg"
    assert main(["confirm", "--matrix", "--accel", "tgc"]) == 2
    assert "did you mean tcg?" in capsys.readouterr().err


@pytest.fixture
def refused_design(tmp_path, capsys):
    def refused(line):
        file = tmp_path / "mine.toml"
        text = 'kernel = "6.12"\nmount = "own"\nmetadata.blob = { placement = "i_private" }\n'
        file.write_text(text + line)
        assert main(["confirm", "--design", str(file)]) == 2
        return capsys.readouterr().err

    return refused


def test_what_cannot_be_shown_is_3_with_the_reason(monkeypatch, capsys):
    def confirm(design, *, progress, **_):
        progress("")
        return Confirmation(check(design), "6.12.0", unwritten="there is no such folio")

    monkeypatch.setattr(place, "confirm", confirm)
    assert main(["confirm", "rfc-v2"]) == 3
    assert "there is no such folio" in capsys.readouterr().out


def test_a_file_for_the_recording_is_handed_on_but_not_with_a_matrix(kernel, capsys):
    main(["confirm", "secretmem-6.12", "--record", "a.txt.xz"])
    assert kernel.out == "a.txt.xz"
    main(["confirm", "secretmem-6.12"])
    assert kernel.out is None
    assert main(["confirm", "--matrix", "--record", "a.txt"]) == 2
    assert "--record is for one Design, not for --matrix" in capsys.readouterr().err


def test_a_name_is_moved_to_another_kernel(kernel):
    assert main(["confirm", "nsfs-6.12", "--kernel", "7.3"]) == 0
    (design,) = kernel.asked
    assert (design.kernel, design.hooks) == ("7.3", gallery("nsfs-6.12").hooks)


def test_five_choices_name_a_design(kernel):
    words = "--kernel 6.12 --mount own --placement i_private --cleanup none --metadata resv_map"
    assert main(["confirm", *words.split()]) == 1  # the kernel says nothing of the leak
    assert kernel.asked[0].title == "6.12, own mount, resv_map in i_private, none"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("no-such-design", "no-such-design"),
        ("shmem-7.3 --kernel 5.0", "no kernel '5.0'"),
        ("--kernel 6.12", "missing: --mount"),
        ("shmem-7.3 --matrix", "give a Design or --matrix, not both"),
        ("--matrix --sample 0", "--sample: must be a whole number from 1 on, not '0'"),
        ("--matrix --kernel 5.0", "no kernel '5.0'"),
        ("shmem-7.3 --sample 5", "takes no sample, which is for --matrix"),
    ],
)
def test_bad_input_is_one_sentence(words, says, capsys, kernel):
    assert main(["confirm", *words.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert says in err


def test_what_could_not_run_is_one_sentence(monkeypatch, capsys):
    def confirm(*_, **__):
        raise RecordingError("no run began in 60 s;\nthe console ends with: one | two")

    monkeypatch.setattr(place, "confirm", confirm)
    assert main(["confirm", "hugetlbfs-7.3"]) == 2
    assert capsys.readouterr().err == (
        "gmemviz: no run began in 60 s; the console ends with: one | two\n"
    )


ROW = {"placement": "i_private", "model": ["leak"]}


@pytest.mark.parametrize(("judgement", "status"), [("agrees", 0), ("disagrees", 1)])
def test_a_sample_of_the_matrix(monkeypatch, capsys, judgement, status):
    asked = []

    def confirm_cells(kernel, *, sample, seed, progress, **_):
        progress("building")
        asked.append((kernel, sample, seed))
        return [{**ROW, "judgement": judgement}]

    monkeypatch.setattr(place, "confirm_cells", confirm_cells)
    assert main(["confirm", "--matrix", "--sample", "7", "--seed", "3"]) == status
    assert capsys.readouterr().out.startswith(f"    1 {judgement}\n")
    assert main(["confirm", "--matrix", "--kernel", "7.3", "--json"]) == status
    (row,) = json.loads(capsys.readouterr().out)
    assert row["schema"] == "gmemviz.confirmed-cell/1"
    assert {key: row[key] for key in (*ROW, "judgement")} == {**ROW, "judgement": judgement}
    assert asked == [("6.12", 7, 3), ("7.3", None, 0)]


HEARD = {
    "agrees in part": (3, ("gmemviz: comes to umount",)),
    "disagrees": (1, ("BUG ovl_inode (Tainted: G): Objects remaining on __kmem_cache_shutdown()",)),
    "not confirmable": (3, ("gmemviz: refused mounting the filesystem: Invalid argument",)),
}


@pytest.mark.parametrize("judgement", HEARD)
def test_of_a_filesystem_each_judgement_has_its_status(judgement, monkeypatch, capsys):
    status, lines = HEARD[judgement]

    def confirm_filesystem(name, *, kernel, accel, progress):
        progress(f"booting {kernel}")
        return confirmation_of(name, "6.12", "6.12.0", Provoked({"umount": lines}, {}))

    monkeypatch.setattr(place, "confirm_filesystem", confirm_filesystem)
    assert main(["confirm", "--fs", "overlay", "--kernel", "6.12"]) == status
    out, err = capsys.readouterr()
    assert out.startswith(f"{judgement}: overlay, the kernel's own\n")
    assert err == "booting 6.12\n"


@pytest.mark.parametrize("more", ["secretmem-6.12", "--matrix", "--record x.txt", "--mount own"])
def test_a_filesystem_is_no_design_and_no_cell(more, capsys):
    assert main(["confirm", "--fs", "overlay", *more.split()]) == 2
    assert "a filesystem of the kernel's own is used as it is" in capsys.readouterr().err
