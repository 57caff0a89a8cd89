"""Who calls whom: what the search ran through, what was recorded, and the legend of it."""

import pytest

from gmemviz.facts import Event, Trace, load
from gmemviz.model import check, design_from_choices
from gmemviz.record import follow, load_recording
from gmemviz.render import film_of_recording, film_of_report
from gmemviz.render.calls import (
    CallEdge,
    CallGraph,
    CallNode,
    call_graph,
    call_key,
    called,
    graph_of_recording,
    graph_of_report,
    hooks_only,
)
from gmemviz.study import gallery


def recorded(*calls):
    """Return a Trace of (function, depth, hook), all of one actor."""
    events = [Event(name, "task", "P", depth, hook=hook) for name, depth, hook in calls]
    return Trace("made up", "7.3.4", "recorded", tuple(events))


def test_who_called_is_who_stands_above():
    trace = recorded(("a", 0, ""), ("b", 1, ""), ("c", 2, ""), ("d", 1, ""), ("e", 0, ""))
    pairs = [(caller, event.function) for caller, event in called(trace)]
    assert pairs == [("", "a"), ("a", "b"), ("b", "c"), ("a", "d"), ("", "e")]


def test_actors_do_not_call_each_other():
    events = (Event("a", "one", "P", 0), Event("b", "two", "B", 1))
    assert [caller for caller, _ in called(Trace("t", "7.3.4", "recorded", events))] == ["", ""]


@pytest.mark.parametrize(
    ("caller", "callee", "hook", "kind"),
    [
        ("iput", "iput_final", "", "direct"),
        ("iput", "evict", "", "through"),  # iput_final was inlined
        ("evict", "shmem_evict_inode", "evict_inode", "ops"),
        ("close(2)", "fput", "", "through"),
        ("no_such_function", "evict", "", "direct"),
    ],
)
def test_an_edge_says_what_the_source_says_of_the_call(caller, callee, hook, kind):
    graph = graph_of_recording(recorded((caller, 0, ""), (callee, 1, hook)), load("7.3"))
    assert graph.edges == (CallEdge(caller, callee, kind, hook),)


def test_a_queued_callback_is_a_node_of_its_caller_and_runs_i_callback():
    graph = graph_of_recording(
        recorded(("destroy_inode", 0, ""), ("call_rcu", 1, ""), ("i_callback", 0, ""))
    )
    name = call_key("call_rcu", "destroy_inode")
    assert graph.functions[name] == CallNode("call_rcu", "vfs")
    assert graph.edges == (
        CallEdge("destroy_inode", name, "direct"),
        CallEdge(name, "i_callback", "deferred"),
    )


def test_what_a_hook_does_stands_in_its_node():
    report = check(gallery("guest_memfd-7.3"))
    graph = graph_of_report(report, report.whole.world)
    assert graph.functions["kvm_gmem_destroy_inode"] == CallNode(
        "kvm_gmem_destroy_inode", "hook", "free shared_policy"
    )
    assert (
        CallEdge("destroy_inode", "kvm_gmem_destroy_inode", "ops", "destroy_inode") in graph.edges
    )


GRAPH = CallGraph(
    {"iput": CallNode("iput", "vfs"), "evict": CallNode("evict", "vfs"),
     "your_evict_inode": CallNode("your_evict_inode", "hook", "truncate")},
    (CallEdge("iput", "evict", "through"), CallEdge("evict", "your_evict_inode", "ops", "evict_inode")),
)  # fmt: skip


def test_the_legend_has_the_edges_in_use_and_no_others():
    *_, key = call_graph(GRAPH, title="t").nodes
    assert key.id == "calls_key"
    assert key.label.splitlines() == [
        "◆ call through an ops table",
        "⊣ by others, not drawn or not recorded",
        "▣ hook that is set",
    ]


def test_words_and_labels_say_the_same_as_the_arrows():
    drawing = call_graph(GRAPH, title="t", facts=load("7.3"))
    assert drawing.alt.splitlines()[1] == (
        "evict -> your_evict_inode as evict_inode (call through an ops table)"
    )
    assert [edge.label for edge in drawing.edges] == ["⋯", "evict_inode"]
    assert "fs/inode.c:" in drawing.edges[1].tooltip
    assert drawing.nodes[0].tooltip.startswith("fs/inode.c:")
    assert drawing.nodes[2].tooltip.endswith("not a function of this kernel's facts")


def test_functions_of_one_file_stand_in_one_frame():
    drawing = call_graph(GRAPH, title="t", facts=load("7.3"), by_file=True)
    (frame,) = drawing.clusters
    assert frame.label == "fs/inode.c"
    assert [node.label for node in frame.nodes] == ["iput", "evict"]
    assert [node.id for node in drawing.nodes] == ["calls__your_evict_inode", "calls_key"]


def test_each_call_rcu_is_a_node_of_its_own():
    real = film_of_recording(follow(load_recording("7.3-gmem")), facts=load("7.3"))
    calls = real.drawings[0]
    queues = [node.id for node in calls.nodes if node.label == "call_rcu"]
    assert len(queues) == 3
    deferred = [edge for edge in calls.edges if edge.kind == "deferred"]
    assert [(edge.tail, edge.head) for edge in deferred] == [
        ("calls__call_rcu_of_destroy_inode", "calls__i_callback")
    ]


def test_a_hook_that_no_run_enters_is_drawn_so():
    design = design_from_choices(
        kernel="6.12", mount="anon-inode", placement="i_private",
        cleanup="evict-after-truncate", metadata="resv_map",
    )  # fmt: skip
    unreachable = film_of_report(check(design, keep_moves=True))
    calls = unreachable.drawings[0]
    idle = [node for node in calls.nodes if node.look == "idle"]
    assert [node.label for node in idle] == ["evict_inode\nset, and no run can enter it"]


def test_hooks_only_joins_what_stands_on_both_sides_of_what_is_left_out():
    nodes = {name: CallNode(name, "vfs") for name in ("iput", "iput_final", "evict", "clear_inode")}
    entry, hook = CallNode("close(2)", "user"), CallNode("your_evict_inode", "hook")
    edges = (
        CallEdge("close(2)", "iput", "through"),
        CallEdge("iput", "iput_final", "direct"),
        CallEdge("iput_final", "evict", "direct"),
        CallEdge("evict", "your_evict_inode", "ops", "evict_inode"),
        CallEdge("your_evict_inode", "clear_inode", "direct"),
    )
    graph = CallGraph({"close(2)": entry, **nodes, "your_evict_inode": hook}, edges)
    few = hooks_only(graph)
    assert list(few.functions) == ["close(2)", "evict", "your_evict_inode"]
    assert few.edges == (CallEdge("close(2)", "evict", "through"), edges[3])


def test_hooks_only_keeps_each_road_and_ends_where_calls_go_round():
    nodes = {name: CallNode(name, "user") for name in ("close(2)", "error path")}
    nodes |= {name: CallNode(name, "vfs") for name in ("dput", "iput", "evict", "truncate")}
    edges = (
        CallEdge("close(2)", "dput", "direct"),
        CallEdge("dput", "iput", "direct"),
        CallEdge("iput", "dput", "direct"),
        CallEdge("error path", "iput", "direct"),
        CallEdge("iput", "evict", "direct"),
        CallEdge("evict", "truncate", "default", "evict_inode"),
    )
    few = hooks_only(CallGraph(nodes, edges))
    callers = [edge.caller for edge in few.edges if edge.callee == "evict"]
    assert callers == ["error path", "close(2)"]
