"""What drowns a call graph is left out, and nothing of a teardown is."""

import pytest

from gmemviz.facts import is_noise


@pytest.mark.parametrize(
    "name",
    [
        "spin_lock", "_raw_spin_lock_irqsave", "mutex_unlock", "down_read_killable", "lockref_get",
        "rcu_read_lock", "srcu_read_unlock", "smp_mb", "wait_event", "wake_up", "schedule",
        "trace_iput", "kasan_poison", "pr_warn", "printk", "snprintf", "BUG_ON", "SHMEM_I",
        "atomic_dec_and_test", "refcount_inc", "this_cpu_inc", "__set_bit", "list_del_init",
        "hlist_for_each_entry", "container_of", "max_t", "memcpy", "strscpy", "cpu_to_le32",
        "copy_to_user", "static_branch_unlikely", "current_time",
    ],
)  # fmt: skip
def test_noise(name):
    assert is_noise(name)


@pytest.mark.parametrize(
    "name",
    [
        "iput", "iput_final", "evict", "evict_inodes", "destroy_inode", "i_callback", "call_rcu",
        "rcu_barrier", "synchronize_rcu", "kfree", "kfree_rcu", "kmem_cache_free", "clear_inode",
        "truncate_inode_pages_final", "inode_wait_for_writeback", "inode_sb_list_del",
        "list_lru_del_obj", "schedule_work", "queue_delayed_work", "fput", "__fput", "dput",
        "mpol_free_shared_policy", "resv_map_release", "hugepage_put_subpool", "mtree_destroy",
        "kvm_gmem_release", "shmem_evict_inode",
    ],
)  # fmt: skip
def test_what_a_teardown_is_made_of(name):
    assert not is_noise(name)
