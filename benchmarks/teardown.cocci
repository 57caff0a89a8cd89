// Rules for the corpus of tests/derive/corpus, as good as they came: each prints CODE FILE. A rule
// sees one file, and functions that a table names; who calls them, and when, it is told here.

@evicts@ identifier t, f; @@
struct super_operations t = { .evict_inode = f, };

@destroys@ identifier t, f; @@
struct super_operations t = { .destroy_inode = f, };

@frees@ identifier t, f; @@
struct super_operations t = { .free_inode = f, };

@allocs@ identifier t, f; @@
struct super_operations t = { .alloc_inode = f, };

@links@ identifier t, f; @@
struct inode_operations t = { .get_link = f, };

@permits@ identifier t, f; @@
struct inode_operations t = { .permission = f, };

// What evict_inode or destroy_inode frees at once, and a hook under RCU reads by the same member.
@evicted@ identifier evicts.f, m; expression E; @@
f(...) { <+... \(kfree\|kvfree\|kfree_sensitive\)(E->m) ...+> }

@destroyed@ identifier destroys.f, m; expression E; @@
f(...) { <+... \(kfree\|kvfree\|kfree_sensitive\)(E->m) ...+> }

@linked@ identifier links.f, evicted.m; expression E; position p; @@
f@p(...) { ... when != ERR_PTR(-ECHILD)
E->m ... }

@script:python@ p << linked.p; @@
print("use-after-free", p[0].file)

@permitted@ identifier permits.f, evicted.m; expression E; position p; @@
f@p(...) { ... when != MAY_NOT_BLOCK
E->m ... }

@script:python@ p << permitted.p; @@
print("use-after-free", p[0].file)

// i_link is read by path walk itself.
@walked@ identifier evicts.f; expression E; position p; @@
f@p(...) { <+... kfree(E->i_link) ...+> }

@script:python@ p << walked.p; @@
print("use-after-free", p[0].file)

@walked2@ identifier destroys.f; expression E; position p; @@
f@p(...) { <+... kfree(E->i_link) ...+> }

@script:python@ p << walked2.p; @@
print("use-after-free", p[0].file)

// Both hooks free a member, and the first leaves it.
@twice@ identifier frees.f, evicted.m; expression E; position p; @@
f@p(...) { <+... kfree(E->m) ...+> }

@nulled@ identifier evicts.f, evicted.m; expression E; @@
f(...) { <+... E->m = NULL ...+> }

@script:python depends on !nulled@ p << twice.p; @@
print("double-free", p[0].file)

// A member that free_inode or evict_inode frees and alloc_inode does not set.
@freed@ identifier frees.f, m; expression E; @@
f(...) { <+... kfree(E->m) ...+> }

@set@ identifier allocs.f, freed.m; expression E, V; @@
f(...) { <+... E->m = V ...+> }

@script:python depends on freed && !set@ f << frees.f; t << frees.t; m << freed.m; @@
print("double-free", f)

// What is followed behind its end.
@behind@ expression E; identifier m, g; position p; @@
(
 kfree@p(E);
|
 kfree@p(E->m);
)
... when != E = g
    when any
(
 E->m->g
|
 E->g->m
)

@script:python@ p << behind.p; @@
print("use-after-free", p[0].file)

// The end of a cache without a barrier before it.
@unbarred depends on frees@ identifier f; expression C; position p; @@
f(...) { ... when != rcu_barrier()
kmem_cache_destroy@p(C); ... }

@script:python@ p << unbarred.p; @@
print("objects-remain", p[0].file)

// evict_inode has to truncate and to clear.
@cleared@ identifier evicts.f; @@
f(...) { <+... clear_inode(...) ...+> }

@script:python depends on evicts && !cleared@ f << evicts.f; @@
print("assertion", f)

@truncated@ identifier evicts.f; @@
f(...) { <+... truncate_inode_pages_final(...) ...+> }

@script:python depends on evicts && !truncated@ f << evicts.f; @@
print("assertion", f)

// A callback must not sleep.
@sleeps@ identifier frees.f; position p; @@
f(...) { <+... \(mutex_lock@p\|down_write@p\|path_put@p\|dput@p\|iput@p\|dquot_drop@p\|fscrypt_put_encryption_info@p\)(...) ...+> }

@script:python@ p << sleeps.p; @@
print("sleep-in-softirq", p[0].file)

// A table that allocates, and gives the struct back nowhere, or at once.
@script:python depends on allocs && !frees && !destroys@ f << allocs.f; @@
print("wrong-cache", f)

@atonce depends on !frees@ identifier destroys.f; position p; @@
f(...) { <+... \(kmem_cache_free@p\|free_inode_nonrcu@p\)(...) ...+> }

@script:python@ p << atonce.p; @@
print("use-after-free", p[0].file)
