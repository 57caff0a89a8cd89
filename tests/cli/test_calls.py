"""gmemviz calls: callees, callers and hooks, as text and as data."""

import json

import pytest


def test_calls(run):
    status, out, err = run("calls", "evict", "--kernel", "7.3", "--fs", "shmem")
    assert (status, err) == (0, "")
    assert "evict -> shmem_evict_inode as evict_inode  [ops] fs/inode.c:" in out
    assert "evict -> clear_inode  [default, evict_inode NULL]" in out


def test_a_functions_own_road_comes_before_what_many_fill(run):
    _, out, _ = run("calls", "iput", "--depth", "3", "--json")
    edges = json.loads(out)
    own = [edge["callee"] for edge in edges[: len(edges) // 4]]
    assert {"iput_final", "evict", "destroy_inode", "truncate_inode_pages_final"} <= set(own)
    first = next(at for at, edge in enumerate(edges) if edge["callee"].endswith("_evict_inode"))
    assert not {"evict", "destroy_inode"} & {edge["callee"] for edge in edges[first:]}
    _, out, _ = run("calls", "evict", "--fs", "shmem")  # what few fill stays where the call is
    lines = out.splitlines()
    at = next(number for number, line in enumerate(lines) if "shmem_evict_inode" in line)
    assert at < next(number for number, line in enumerate(lines) if "destroy_inode" in line)


def test_calls_as_json(run):
    _, out, _ = run("calls", "i_callback", "--kernel", "6.12", "--json")
    edges = json.loads(out)
    assert edges[0].keys() >= {"caller", "callee", "kind", "path", "line", "guard"}
    assert {edge["kind"] for edge in edges} == {"ops", "default"}
    _, out, _ = run("calls", "evict", "--callers", "--json")
    callers = [edge["caller"] for edge in json.loads(out)]
    assert {"iput_final", "dispose_list"} <= set(callers)


def test_calls_of_a_hook_says_who_calls_it_who_sets_it_and_what_null_means(run):
    _, out, _ = run("calls", "free_inode", "--fs", "guest_memfd")
    ours = "i_callback -> kvm_gmem_free_inode as free_inode  [ops] fs/inode.c:317"
    null = "i_callback -> free_inode_nonrcu  [default, free_inode NULL] fs/inode.c:319"
    assert out.splitlines() == [ours]
    _, out, _ = run("calls", "free_inode", "--fs", "ramfs")
    assert out.splitlines() == [null]
    _, out, _ = run("calls", "free_inode", "--fs", "guest_memfd,ramfs")
    assert out.splitlines() == [ours, null]
    assert null in run("calls", "free_inode")[1].splitlines()


@pytest.mark.parametrize("name", ["shmme", "SHMEM", "", "ext5"])
@pytest.mark.parametrize(
    "words", [["calls", "evict_inode"], ["draw", "calls", "iput", "-o", "{folder}/x.dot"]]
)
def test_an_unknown_filesystem_is_refused_and_nothing_is_written(run, tmp_path, words, name):
    words = [word.format(folder=tmp_path) for word in words]
    for names in (name, f"shmem,{name}"):
        status, out, err = run(*words, "--fs", names)
        assert (status, out) == (2, "")
        said = ("unknown filesystem", "says nothing", "must be names")
        assert f"{said[0]}: {name!r}" in err or (not name and any(word in err for word in said))
        assert not list(tmp_path.iterdir())


def test_a_usual_name_is_answered_and_said(run):
    status, out, err = run("calls", "evict_inode", "--fs", "smb", "--json")
    assert status == 0
    assert json.loads(out)[0]["callee"] == "cifs_evict_inode"
    assert err == "smb is a usual name of cifs, whose tables are meant\n"
    assert run("calls", "evict_inode", "--fs", "cifs", "--json") == (0, out, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("calls iputt", "no function and no hook 'iputt' in the facts of 7.3"),
        ("calls iput --kernel 9", "unknown kernel: '9' (must be one of 6.1, 6.12, 7.3)"),
        ("calls iput --depth 0", "--depth: must be a whole number from 1 on, not '0'"),
        ("calls iput --depth x", "must be a whole number from 1 on, not 'x'"),
        ("calls iput --kernel 7.3 --tree .", "not allowed with argument"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(refused, line, said):
    assert said in refused(line)
