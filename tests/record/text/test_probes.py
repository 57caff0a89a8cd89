"""Probe events are arguments of the function that they probe, before or after its line."""

from gmemviz.record import parse

HEADER = "# tracer: function_graph\n"


def trace_of(*lines):
    """Parse lines of (task, flags, rest)."""
    return parse(
        [HEADER, *(f" 0)   {a}  |  {f} |               |  {rest}" for a, f, rest in lines)]
    )


def told(trace):
    return [(e.function, e.depth, dict(e.arguments)) for e in trace.events]


def task(*rests, flags="...1."):
    return [("a-1", flags, rest) for rest in rests]


def test_an_event_before_the_line_belongs_to_the_entry_that_follows():
    trace = trace_of(
        *task("f() {", '/* p: (g+0x4/0x90) inode=0xff ino=7 fs="tmpfs" */', "  g();", "}", "g();")
    )
    assert told(trace) == [
        ("f", 0, {}), ("g", 1, {"inode": "0xff", "ino": "7", "fs": "tmpfs"}), ("g", 0, {}),
    ]  # fmt: skip
    assert trace.marks == ()


def test_an_event_after_the_line_belongs_to_the_entry_that_it_is_in():
    trace = trace_of(*task("g() {", "  /* p: (g+0x0/0x90 [kvm]) n=1 */", "  g() {",
                           "    /* p: (g+0x0/0x90 [kvm]) n=2 */", "    /* q: (g) m=3 */", "  }", "}"))  # fmt: skip
    assert told(trace) == [("g", 0, {"n": "1"}), ("g", 1, {"n": "2", "m": "3"})]


def test_events_before_the_lines_of_a_recursion_stay_apart():
    trace = trace_of(*task("/* p: (g+0x4/0x90) n=1 */", "g() {", "/* p: (g+0x4/0x90) n=2 */",
                           "  g();", "}", "/* p: (g+0x4/0x90) n=3 */", "g();"))  # fmt: skip
    assert [dict(e.arguments)["n"] for e in trace.events] == ["1", "2", "3"]


def test_an_event_after_a_leaf_does_not_belong_to_it():
    trace = trace_of(*task("g();", "/* p: (g+0x4/0x90) n=1 */", "g();"))
    assert told(trace) == [("g", 0, {}), ("g", 0, {"n": "1"})]


def test_an_event_waits_for_its_own_task_only():
    trace = trace_of(
        ("a-1", "...1.", "/* p: (g+0x4/0x90) n=1 */"), ("b-2", "...1.", "g();"), ("a-1", "...1.", "g();")
    )  # fmt: skip
    assert [(e.actor, dict(e.arguments)) for e in trace.events] == [
        ("b-2", {}),
        ("a-1", {"n": "1"}),
    ]


def test_what_a_return_probe_fetched_belongs_to_the_function_that_returned():
    trace = trace_of(*task("f() {", "  g();", "}", "/* r: (h+0x26/0x220 <- f) inode=0xff */",
                           "f() {", "  /* r: (h+0x26/0x220 [kvm] <- f) inode=0xee */", "}"))  # fmt: skip
    assert told(trace) == [("f", 0, {"inode": "0xff"}), ("g", 1, {}), ("f", 0, {"inode": "0xee"})]


def test_a_function_that_only_a_probe_shows_is_an_event_of_unknown_context():
    lines = [*task("f() {", "  /* born: (g+0x4/0x90) inode=0xff */", "  h();", "}"),
             ("a-1", "..Zff", "/* dies: (k+0x4/0x90) inode=0xff */")]  # fmt: skip
    trace = trace_of(*lines, *task("h();"))
    assert told(trace) == [
        ("f", 0, {}), ("g", 1, {"inode": "0xff"}), ("h", 1, {}), ("k", 0, {"inode": "0xff"}), ("h", 0, {}),
    ]  # fmt: skip
    assert [e.context for e in trace.events] == ["P", "?", "P", "?", "P"]


def test_an_event_whose_line_was_lost_is_no_second_entry():
    trace = trace_of(
        *task("/* p: (g+0x4/0x90) n=1 */", "/* end */", "f();", "/* p: (g+0x4/0x90) n=2 */", "g();")
    )
    assert told(trace) == [("f", 0, {}), ("g", 0, {"n": "2"})]
    assert trace.marks == ((0, "end"),)


def test_a_probe_inside_of_a_function_tells_nothing_of_its_entry():
    trace = trace_of(*task("g() {", "  /* p: (g+0x40/0x90) n=1 */", "}"))
    assert told(trace) == [("g", 0, {})]


def test_ftrace_itself_adds_to_the_count_where_a_probe_hangs_on_it():
    lines = [
        ("a-1", "...1.", "f();"),
        ("a-1", "...1.", "/* p: (g+0x4/0x90) n=1 */"), ("a-1", "...2.", "g();"),
        ("a-1", "...1.", "/* p: (g+0x4/0x90) n=1 */"), ("a-1", "...3.", "g();"),
        ("a-1", "...2.", "h();"),
        ("a-1", "...1.", "k() {"), ("a-1", "...2.", "/* q: (k+0x9/0x90) n=1 */"), ("a-1", "...1.", "}"),
    ]  # fmt: skip
    assert "".join(e.context for e in trace_of(*lines).events) == "PPLLP"
    # Not so where a trap calls the probe: then its function is counted as any other.
    trapped = [(a, f, rest.replace("(g+0x4", "(g+0x9")) for a, f, rest in lines]
    assert "".join(e.context for e in trace_of(*trapped).events) == "PLLLP"
    # Nor if one probed entry shows the count of the others.
    plain = [*lines, ("a-1", "...1.", "/* p: (g+0x4/0x90) n=1 */"), ("a-1", "...1.", "g();")]
    assert "".join(e.context for e in trace_of(*plain).events) == "PLLLPP"
