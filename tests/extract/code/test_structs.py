from gmemviz.extract.code.structs import members


def test_members_of_all_shapes():
    text = """{
        int a, *b;
        struct toy c[4];
        unsigned d : 3, e : 1;
        union { void *f; struct other *g; };
        struct { int inner; } h;
        int (*hook)(struct inode *, int);
        DECLARE_BITMAP(bits, 8);
    #ifdef CONFIG_TOY
        struct list_head i __aligned(8);
    #else
        int j;
    #endif
        struct rw_semaphore __private k;
    }"""
    found = members(text)
    assert [m.name for m in found] == [*"abcdefgh", "hook", "bits", *"ijk"]
    assert {m.name: m.struct for m in found if m.struct} == {
        "c": "toy",
        "g": "other",
        "i": "list_head",
        "k": "rw_semaphore",
    }
    assert [m.name for m in found if m.hook] == ["hook"]
    assert {m.name: m.condition for m in found if m.condition} == {
        "i": "CONFIG_TOY",
        "j": "!CONFIG_TOY",
    }
