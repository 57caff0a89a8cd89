"""A word becomes the kernel's own call, never what the model takes it to do."""

import pytest

from gmemviz.model.design.actions import EXAMPLES
from gmemviz.translate.c.names import UNWRITTEN
from gmemviz.translate.c.source import module_source
from tests.model.test_language import design_of
from tests.translate.c.texts import functions

CALLS = {
    "alloc struct": "alloc_inode_sb(sb, inode_cachep",
    "alloc container": "alloc_inode_sb(sb, your_inode_cache",
    "call_rcu free struct": "call_rcu(&inode->i_rcu, your_callback)",
    "free struct": "kmem_cache_free(your_inode_cache",
    "free to inode_cachep": "free_inode_nonrcu(inode)",
    "truncate": "truncate_inode_pages_final(&inode->i_data)",
    "clear_inode": "clear_inode(inode)",
    "make_bad_inode": "make_bad_inode(inode)",
    "add page": "add_folio(inode)",
    "igrab": "if (!igrab(inode))",
    "iput": "iput(inode)",
    "drop i_lock": "spin_unlock(&inode->i_lock)",
    "take i_lock": "spin_lock(&inode->i_lock)",
    "return 0": "return 0;",
    "return 1": "return 1;",
    "kill_anon_super": "kill_anon_super(sb)",
    "kill_litter_super": "kill_litter_super(sb)",
    "init": "->blob = NULL",
    "attach unless set": "cmpxchg(&your_inode_of(inode)->blob, NULL, (void *)blob)",
    "get": "kref_get(&blob->count);",
    "get unless zero": "!kref_get_unless_zero(&blob->count)",
    "put": "kref_put(&blob->count, your_blob_last)",
    "put after a grace period": "kref_put(&blob->count, your_blob_last_later)",
    "cancel": "cancel_work_sync()",
    "synchronize_rcu": "synchronize_rcu();",
    "free": "your_blob_free(blob)",
    "free after a grace period": "kfree_rcu(blob, rcu)",
    "free in a worker": "queue_work(later_queue(), &blob->work)",
    "clear": "->blob = NULL",
    "read": 'read_object("blob", blob)',
    "call_rcu": "call_rcu(&later_of(your_free_it_later, at)->rcu, your_free_it_rcu)",
    "queue": "queue_work(later_queue(), &later_of(your_work_later, at)->work)",
    "drain": "flush_work()",
    "rcu_barrier": "rcu_barrier();",
    "call_srcu": "call_srcu(&own_srcu, &later_of(your_later_later, at)->rcu, your_later_rcu)",
    "synchronize_srcu": "synchronize_srcu(&own_srcu);",
    "srcu_barrier": "srcu_barrier(&own_srcu);",
    "srcu_read_unlock": "leave_srcu(at);",
    "wait for": "wait_for(&your_actors[0])",
    "rcu_read_unlock": "rcu_read_unlock();",
    "sleep": "schedule_timeout_uninterruptible(1)",
    "lock": "spin_lock(&your_guard)",
    "unlock": "spin_unlock(&your_guard)",
    "put on": "list_add_tail(&blob->on_all, &your_all)",
    "take off": "list_del_init(&blob->on_all)",
    "walk": "list_for_each_entry(blob, &your_all, on_all)",
}


@pytest.mark.parametrize("verb", sorted(EXAMPLES.keys() - UNWRITTEN.keys()))
def test_each_word_is_the_kernels_own_call(verb):
    text = module_source(design_of(EXAMPLES[verb]))
    assert CALLS.get(verb, "your_blob_alloc()") in text


def test_a_lock_that_a_release_takes_is_no_kfree_rcu():
    design = design_of(
        'metadata.blob = { placement = "containing-struct", release = "sleeping lock" }\n'
        'hooks.destroy_inode = ["free blob after a grace period"]'
    )
    assert "call_rcu(&blob->rcu, your_blob_free_rcu)" in module_source(design)


def test_others_may_come_between_a_question_a_load_and_a_use():
    does = functions(module_source(design_of(EXAMPLES["read"])))["your_does_reader"]
    steps = [line.strip() for line in does.splitlines()]
    stops = [at for at, line in enumerate(steps) if line.startswith("come_to(")]
    question = next(at for at, line in enumerate(steps) if line.startswith("if ("))
    load = next(at for at, line in enumerate(steps) if "_of(inode));" in line and "=" in line)
    use = next(at for at, line in enumerate(steps) if line.startswith("read_object("))
    assert stops[0] < question < stops[1] < load < stops[2] < use < stops[3]


def body_of(line, name):
    """Return the lines of one body, without its stops."""
    text = functions(module_source(design_of(line)))[f"your_does_{name}"]
    steps = [step.strip() for step in text.splitlines()]
    return [step for step in steps if not step.startswith("come_to(")]


@pytest.mark.parametrize("first", ["igrab", "get blob", "get blob unless zero"])
@pytest.mark.parametrize(("kind", "drop"), [("mutex", "mutex_unlock"), ("spinlock", "spin_unlock")])
def test_a_body_that_ends_early_drops_its_locks(first, kind, drop):
    line = f'locks.guard = "{kind}"\nactors.user.does = ["lock guard", "{first}", "unlock guard"]'
    steps = body_of(line, "user")
    end = steps.index("goto out;")
    assert steps[end - 1] == f"{drop}(&your_guard);"
    assert steps.count(f"{drop}(&your_guard);") == 2


def test_who_has_a_reference_reads_and_puts_by_that():
    steps = body_of('actors.user.does = ["get blob", "read blob", "put blob"]', "user")
    of_pointer, *of_its_own = [step for step in steps if "your_blob_of(inode)" in step]
    assert "got_blob ?:" not in of_pointer
    assert len(of_its_own) == 2
    assert all("got_blob ?: reached(inode, your_blob_of(inode))" in step for step in of_its_own)
    assert "got_blob = NULL;" in steps


def test_who_has_none_puts_the_pointers_own():
    assert not [
        step for step in body_of('hooks.release = ["put blob"]', "release") if "got_" in step
    ]


def test_what_is_left_empty_is_cleared_by_the_last_put_of_the_pointers_own_alone():
    blob = 'metadata.blob = { placement = "containing-struct", left_empty = true }\n'
    steps = body_of(f'{blob}actors.user.does = ["get blob", "put blob"]', "user")
    (put,) = [step for step in steps if "kref_put(" in step]
    assert put.endswith("&& !got_blob)")
    steps = body_of(f'{blob}hooks.destroy_inode = ["put blob"]', "destroy_inode")
    assert steps[steps.index("your_inode_of(inode)->blob = NULL;") - 1].endswith("your_blob_last))")


def test_the_last_put_of_what_takes_a_lock_is_no_kfree_rcu():
    blob = 'metadata.blob = { placement = "containing-struct", release = "sleeping lock" }\n'
    text = module_source(design_of(f'{blob}hooks.release = ["put blob after a grace period"]'))
    assert "kfree_rcu" not in text
    assert "call_rcu(&blob->rcu, your_blob_free_rcu);" in text


@pytest.mark.parametrize(
    ("placement", "line", "call"),
    [
        ("containing-struct", "attach blob", "your_inode_of(inode)->blob = blob;"),
        ("i_link", "attach blob unless set", "cmpxchg(&inode->i_link, NULL, (void *)blob)"),
        ("global-xarray", "attach blob", "xa_insert("),
        ("global-xarray", "attach blob unless set", "xa_insert("),
        ("file-private_data", "attach blob", "file->private_data = blob;"),
    ],
)
def test_a_late_attach_is_a_store_or_an_exchange(placement, line, call):
    blob = f'metadata.blob = {{ placement = "{placement}" }}\n'
    born = '"alloc container"' + (', "init blob"' if placement == "containing-struct" else "")
    text = f'{blob}hooks.alloc_inode = [{born}]\nhooks.release = ["{line}"]'
    steps = body_of(text, "release")
    assert [step for step in steps if call in step]
    assert ("your_blob_free(blob);" in steps) == ("=" not in call)


def test_who_attaches_under_a_lock_does_not_sleep_for_memory():
    text = module_source(design_of('hooks.release = ["attach blob"]'))
    assert "kmem_cache_zalloc(your_blob_cache, GFP_ATOMIC)" in text
    assert "GFP_ATOMIC" not in module_source(design_of('hooks.release = ["read blob"]'))


def test_a_timer_is_no_work():
    timer = 'callbacks.tick = { runs = "timer", does = ["read blob"] }\n'
    queued = 'hooks.release = ["queue tick"]\nhooks.destroy_inode = ["cancel tick"]'
    text = module_source(design_of(timer + queued))
    assert "mod_timer(&later_of(your_tick_later, at)->timer, when_due());" in text
    assert "delete_timer(your_tick_later, at);\t/* timer_delete_sync() */" in text
    assert "work" not in text.partition("*/")[2].replace("fit to", "")


def test_whoever_goes_by_an_inode_reads_that_first():
    line = 'actors.reader = { holds = "rcu", does = ["if blob set: read blob"] }'
    asks, *loads = [step for step in body_of(line, "reader") if "your_blob_of(inode)" in step]
    assert asks.startswith("if ((reached(inode, your_blob_of(inode))))")
    assert all("reached(inode, your_blob_of(inode))" in step for step in loads)
    address = (
        'metadata.blob = { placement = "global-xarray" }\nhooks.alloc_inode = ["alloc struct"]\n'
    )
    assert not [step for step in body_of(address + line, "reader") if "reached(" in step]
    of_superblock = 'metadata.info = { placement = "s_fs_info" }\nhooks.put_super = ["free info"]'
    assert "reached(" not in "".join(body_of(of_superblock, "put_super"))


def test_a_word_is_read_where_it_is_kept():
    word = 'metadata.flag = {{ placement = "{}", owns_object = false }}\n'
    line = 'actors.reader = { holds = "rcu", does = ["read flag"] }'
    (step,) = [s for s in body_of(word.format("i_private") + line, "reader") if "read_word" in s]
    assert step == 'read_word("flag", inode, (unsigned long)reached(inode, your_flag_of(inode)));'
    (step,) = [s for s in body_of(word.format("s_fs_info") + line, "reader") if "read_word" in s]
    assert step == 'read_word("flag", NULL, (unsigned long)sb->s_fs_info);'
