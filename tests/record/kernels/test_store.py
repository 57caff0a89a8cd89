"""Kernels are listed, fetched and added; what is here can be booted, and is here whole."""

import os
import stat

import pytest

from gmemviz.errors import FetchError, GmemvizError, RecordingError, UnknownNameError
from gmemviz.facts import kernels, pins, snapshots
from gmemviz.record.boot import find_kernel
from gmemviz.record.kernels import add_kernel, fetch_kernels, known_here, store
from gmemviz.record.kernels.fetch import stamp
from tests.record.boot.images import image

RELEASE = "7.3.4+deb13-amd64"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    return tmp_path / "kernels"


def built(folder, release=RELEASE):
    """Lay out what a build leaves: image, modules, headers."""
    tree = folder / "tree"
    (tree / "include/config").mkdir(parents=True)
    (tree / "include/config/kernel.release").write_text(f"{release}\n")
    (tree / "Module.symvers").touch()
    (tree / "a.ko").write_bytes(f"vermagic={release} SMP".encode())
    return image(folder, f"{release} (someone) #1".encode()), tree


def test_without_any_each_pinned_one_says_what_to_type(here):
    found = known_here()
    assert [kernel.name for kernel in found] == list(kernels())
    for kernel in found:
        assert not kernel.records
        assert f"`gmemviz kernels fetch {kernel.name}`" in kernel.line
    assert not here.exists()


def test_one_of_ones_own_is_booted_as_it_is_built_anew(here, tmp_path):
    file, tree = built(tmp_path)
    added = add_kernel(file, modules=tree, headers=tree)
    assert added.line == f"{RELEASE}: {RELEASE}, added from {file}, for record and confirm"
    assert known_here()[-1] == added
    assert find_kernel(RELEASE).modules == here / RELEASE / "modules"
    image(tmp_path, b"7.3.5 ")
    assert find_kernel(RELEASE).release == "7.3.5"
    assert "the headers of 7.3.4+deb13-amd64, and the image is 7.3.5" in known_here()[-1].line


def test_an_image_alone_is_for_recordings(here, tmp_path, monkeypatch):
    image(tmp_path)
    monkeypatch.chdir(tmp_path)
    added = add_kernel(store.Path("vmlinuz"), name="mine")
    assert (added.records, added.confirms) == (True, False)
    assert "for record alone: no headers" in added.line
    monkeypatch.chdir("/")
    assert find_kernel("mine").release == RELEASE


def test_a_second_one_of_a_name_replaces_the_first(here, tmp_path):
    file, tree = built(tmp_path)
    add_kernel(file, name="mine", modules=tree, headers=tree)
    (tmp_path / "b").mkdir()
    other = image(tmp_path / "b")
    assert not add_kernel(other, name="mine").confirms
    assert [own.name for own in here.iterdir()] == ["mine"]
    assert [link.name for link in (here / "mine").iterdir()] == ["vmlinuz"]
    assert tree.is_dir()


@pytest.mark.parametrize("what", ["modules", "headers"])
def test_what_is_of_another_release_is_refused(here, tmp_path, what):
    file, _ = built(tmp_path)
    (tmp_path / "other").mkdir()
    _, other = built(tmp_path / "other", "6.12.0")
    with pytest.raises(RecordingError, match=rf"has the {what} of 6\.12\.0, and the image is 7\.3"):
        add_kernel(file, **{what: other})
    assert not here.exists()


def test_what_is_not_what_it_should_be_is_refused(here, tmp_path):
    file, _ = built(tmp_path)
    (tmp_path / "empty").mkdir()
    for bad, said in (
        ({"image": tmp_path / "none"}, "is no file"),
        ({"image": tmp_path}, "is no file"),
        ({"image": tmp_path / "tree/a.ko"}, "no x86 kernel image"),
        ({"modules": tmp_path / "none"}, "no folder of modules"),
        ({"modules": tmp_path / "empty"}, "has no kernel module"),
        ({"headers": tmp_path / "empty"}, r"has no Module\.symvers"),
        ({"headers": tmp_path / "none"}, r"has no Module\.symvers"),
    ):
        with pytest.raises(RecordingError, match=said):
            add_kernel(**{"image": file, **bad})
    assert not here.exists()


def test_a_kernel_of_other_packages_does_not_pass_for_the_pinned_one(here, mirror):
    (first, *_) = kernels()
    fetch_kernels([first], progress=print)
    stamped = here / first / "packages"
    stamped.write_text(stamped.read_text().replace(" ", " 1:"))
    assert (
        f"fetched as another gmemviz pinned it (`gmemviz kernels fetch {first}`"
        in known_here()[0].line
    )
    stamped.unlink()
    assert "put here by hand" in known_here()[0].line


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "-x", "a b", "x" * 101, "\u0663", "a\n"])
def test_a_name_that_is_no_folders_is_refused(here, tmp_path, name):
    with pytest.raises(UnknownNameError, match="a kernel's name has letters, digits"):
        add_kernel(image(tmp_path), name=name)
    assert not here.exists()


@pytest.mark.parametrize("name", snapshots())
def test_no_kernel_of_ones_own_passes_for_a_shipped_one(here, tmp_path, name):
    with pytest.raises(UnknownNameError, match="is the name of a kernel that gmemviz ships"):
        add_kernel(image(tmp_path), name=name)


def test_what_was_not_added_stays(here, tmp_path):
    (here / "apt").mkdir(parents=True)
    with pytest.raises(GmemvizError, match="is no kernel that was added, and stays"):
        add_kernel(image(tmp_path), name="apt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_stays_as_it_is(here, tmp_path):
    here.mkdir()
    here.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(PermissionError):
        add_kernel(image(tmp_path))


class Mirror:
    """Has every package that is pinned, unless it is told to be of another time."""

    replaced = False

    def __init__(self, folder, *, progress):
        assert folder.is_dir()

    def versions(self, package):
        return ("9-1",) if self.replaced else Anything()


class Anything(tuple):
    __slots__ = ()

    def __contains__(self, _):
        return True


@pytest.fixture
def mirror(monkeypatch):
    made = []

    def fetch(_, pin, folder, *, progress):
        made.append(pin.name)
        (folder / pin.name).mkdir()
        image(folder / pin.name)
        (folder / pin.name / "packages").write_text(stamp(pin))

    monkeypatch.setattr(store, "Archive", Mirror)
    monkeypatch.setattr(store, "fetch", fetch)
    return made


def test_what_is_here_is_not_fetched_again(here, mirror):
    (first, *_) = kernels()
    found = fetch_kernels([first], progress=print)
    assert [(kernel.name, kernel.origin) for kernel in found] == [
        (first, "fetched, checksums as pinned")
    ]
    fetch_kernels(progress=print)
    fetch_kernels(progress=print)
    assert mirror == list(kernels())


def test_a_name_that_is_not_pinned_is_refused_before_anybody_is_asked(here, mirror):
    with pytest.raises(UnknownNameError, match=r"unknown kernel to boot: '5\.0' \(must be one of"):
        fetch_kernels(["5.0"], progress=print)
    assert not here.exists()


def test_a_kernel_that_is_only_read_is_neither_listed_nor_fetched(here, mirror):
    read_only = sorted(set(snapshots()) - set(kernels()))
    assert read_only
    assert not {kernel.name for kernel in known_here()} & set(read_only)
    with pytest.raises(UnknownNameError, match="unknown kernel to boot"):
        fetch_kernels(read_only, progress=print)
    assert mirror == []


def test_the_nearest_is_taken_only_if_asked_for_and_says_so(here, mirror, monkeypatch):
    pin = next(pin for pin in pins() if pin.packages)
    monkeypatch.setattr(Mirror, "replaced", True)
    monkeypatch.setattr(Mirror, "names", lambda *_: (), raising=False)
    with pytest.raises(FetchError, match=f"nothing else for {pin.name}"):
        fetch_kernels([pin.name], progress=print)
    other = pin._replace(libraries=dict.fromkeys(pin.libraries, ""))
    monkeypatch.setattr(store, "available", lambda *_, take_nearest: other if take_nearest else pin)
    (found,) = fetch_kernels([pin.name], take_nearest=True, progress=print)
    assert found.origin == "fetched, warranted by apt's signature alone"
    assert "warranted by apt's signature alone" in found.line
