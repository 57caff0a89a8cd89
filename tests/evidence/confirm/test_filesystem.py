"""What a kernel says of its own filesystem beside what its source comes to."""

import pytest

from gmemviz.errors import RecordingError
from gmemviz.evidence import confirm_filesystem
from gmemviz.evidence.confirm.filesystem import confirmation_of
from gmemviz.record.boot import LOST, PROVOKED, Provoked
from tests.record.boot.images import image

COMES = "gmemviz: comes to umount"
FREED = "general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000"
LEFT = "BUG ovl_inode (Not tainted): Objects remaining on __kmem_cache_shutdown()"


def judged(name, kernel="6.12", *, unplayed=None, **lines):
    """Return the confirmation of a filesystem of whose plays some say more than that they came."""
    said = dict.fromkeys(PROVOKED[name].plays, (COMES,))
    said |= {play.replace("_", "-"): words for play, words in lines.items()}
    return confirmation_of(name, kernel, f"{kernel}.9", Provoked(said, unplayed or {}))


def test_silence_agrees_in_part_and_says_what_was_not_provoked():
    found = judged("overlay")
    assert (found.judgement, found.model, found.shown) == ("agrees in part", (), {})
    # These are what the plays are runs of; the others need a fault that user space cannot make.
    assert not {"unlink", "umount", "reclaim", "last-close"} & set(found.not_played)
    assert {"init-fails", "rcu-walk"} <= set(found.not_played)
    assert "user space does not provoke" in found.text
    assert "slub debugging on" in found.text


def test_what_the_model_has_not_disagrees_with_play_and_line():
    found = judged("overlay", rmmod=(COMES, LEFT))
    assert (found.judgement, found.surplus) == ("disagrees", ("objects-remain",))
    assert found.shown["objects-remain"][0] == "rmmod"
    assert found.answer()["shown"]["objects-remain"] == {"run": "rmmod", "line": LEFT}
    assert "objects-remain (rmmod), which the model does not say: BUG ovl_inode" in found.text
    assert found.reasons == (
        "the kernel shows objects-remain (rmmod), and the model has none",
    )  # fmt: skip


def test_a_known_bug_that_is_shown_is_the_models_and_what_is_not_is_named():
    found = judged("proc", "6.1", umount=(COMES, FREED, LOST))
    assert found.model == ("crash", "use-after-free")
    assert (found.judgement, found.missing) == ("agrees in part", ("crash",))
    assert set(found.reasons) >= {"crash was not provoked", "the kernel was lost"}


def test_all_that_the_model_has_is_agreement_whatever_else_was_not_played():
    crash = "BUG: kernel NULL pointer dereference, address: 0000000000000008"
    found = judged("proc", "6.1", umount=(COMES, FREED, LOST), remount=(COMES, crash))
    assert (found.judgement, found.reasons) == ("agrees", ())


def test_a_play_that_the_kernel_refuses_tells_nothing_and_is_none_of_the_scenario():
    refused = "gmemviz: refused umount: Device or resource busy"
    found = judged("overlay", umount=(COMES, refused))
    assert found.trouble == {"umount": refused}
    assert "umount" in found.not_played
    assert f"umount tells nothing: {refused}" in found.reasons
    every = {play.replace("-", "_"): (refused,) for play in PROVOKED["overlay"].plays}
    assert judged("overlay", **every).judgement == "not confirmable"


def test_what_could_not_be_played_is_said():
    found = judged("ext4", unplayed={"rmmod": "ext4 is built into 6.12.9"})
    assert "rmmod is not played: ext4 is built into 6.12.9" in found.text
    assert found.answer()["unplayed"] == {"rmmod": "ext4 is built into 6.12.9"}
    # Of its source some is unread, so the model itself is not sure.
    assert "the model's verdict on ext4_sops is correct as far as read" in found.reasons


def test_a_kernel_that_nobody_read_is_refused(tmp_path):
    old = image(tmp_path, b"5.4.0 ")
    with pytest.raises(RecordingError, match=r"Linux 5\.4\.0 was not read: .*7\.3 were"):
        confirm_filesystem("ext4", kernel=old)
    with pytest.raises(ValueError, match="overlay"):
        confirm_filesystem("overlaay", kernel=old)


@pytest.mark.qemu
@pytest.mark.kernels
def test_a_real_overlayfs_is_heard_to_be_clean():
    found = confirm_filesystem("overlayfs", kernel="6.12", accel="tcg")
    assert (found.filesystem, found.shown, found.trouble) == ("overlay", {}, {})
    assert found.judgement == "agrees in part"
    assert list(found.said) == list(PROVOKED["overlay"].plays)
