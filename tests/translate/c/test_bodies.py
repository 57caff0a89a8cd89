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
    "free": "your_blob_free(blob)",
    "free after a grace period": "kfree_rcu(blob, rcu)",
    "free in a worker": "queue_work(later_queue(), &blob->work)",
    "clear": "->blob = NULL",
    "read": 'read_object("blob", blob)',
    "call_rcu": "call_rcu(&later_of(your_free_it_later, at)->rcu, your_free_it_rcu)",
    "queue": "queue_work(later_queue(), &later_of(your_work_later, at)->work)",
    "drain": "flush_work()",
    "rcu_barrier": "rcu_barrier();",
    "wait for": "wait_for(&your_actors[0])",
    "rcu_read_unlock": "rcu_read_unlock();",
    "sleep": "schedule_timeout_uninterruptible(1)",
    "lock": "spin_lock(&your_guard)",
    "unlock": "spin_unlock(&your_guard)",
    "put on": "list_add_tail(&blob->on_all, &your_all)",
    "take off": "list_del_init(&blob->on_all)",
    "walk": "is ever on it",
}


@pytest.mark.parametrize("verb", EXAMPLES.keys() - {verb for verb in UNWRITTEN if UNWRITTEN[verb]})
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
    load = next(at for at, line in enumerate(steps) if "_of(inode);" in line and "=" in line)
    use = next(at for at, line in enumerate(steps) if line.startswith("read_object("))
    assert stops[0] < question < stops[1] < load < stops[2] < use < stops[3]
