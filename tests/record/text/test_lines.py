"""Every layout that tracefs and trace-cmd print gives the same events."""

import re

import pytest

from gmemviz.record import follow, parse
from tests.record.old_recordings import load_recording, text_of

NAMES = ("7.3-memfd-policy", "7.3-tmpfs-unlink", "6.12-pipe")
GRAPH = re.compile(
    r" *(?P<time>[\d.]+) \|   (?P<cpu>\d)\) *(?P<task>\S+-\d+) +\|  (?P<flags>\S+) \|"
    r" (?P<duration>[^|]{14}\|  )(?P<rest>.*)"
)
NAMELESS = (
    "Probe events name no function, so neither arguments nor what they add to the "
    "preemption counts are told: 2."
)
HEADER = "# tracer: function_graph\n"


def shape(trace):
    return [(e.function, e.depth, e.context, e.actor, e.time) for e in trace.events]


def reported(text, *, flags):
    """Rewrite a recording as `trace-cmd report` prints it, with option -l or without."""
    yield "cpus=1"
    for line in text.splitlines():
        if not (match := GRAPH.fullmatch(line)):
            continue
        where = f"  {match['cpu']}{match['flags']}" if flags else f"[00{match['cpu']}]"
        head = f"{match['task']:>20}   {where}  {match['time']:>12}: "
        if match["rest"].lstrip().startswith("/* "):
            yield f"{head}print:                tracing_mark_write: {match['rest'].strip(' /*')}"
            continue
        kind = (
            "funcgraph_exit:  " if match["rest"].lstrip().startswith("}") else "funcgraph_entry: "
        )
        yield f"{head}{kind}     {match['duration']}{match['rest']}"


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_trace_cmd_holds_the_same(name):
    trace = parse(reported(text_of(name), flags=True), kernel=load_recording(name).kernel)
    assert shape(trace) == shape(load_recording(name))
    assert trace.marks == load_recording(name).marks
    assert trace.missing == ()
    assert [e.hook for e in follow(trace).events] == [
        e.hook for e in follow(load_recording(name)).events
    ]


def test_a_report_without_flags_says_so():
    trace = parse(reported(text_of(NAMES[0]), flags=False), kernel="7.3")
    assert {e.context for e in trace.events} == {"?"}
    assert trace.missing == ("No latency-format column tells the contexts.",)


# As trace-cmd 3.1.6 printed them of a real trace.dat, shortened.
REPORT = """\
cpus=1
       trace-cmd-248   [000]    20.654009: funcgraph_entry:                   |  alloc_inode() { (0)
       trace-cmd-248   [000]    20.654030: funcgraph_entry:                   |    inode_init() { (1)
       trace-cmd-248   [000]    20.654035: gm_init:              (ffffffffa9c6ca04) inode=0xff3d
       trace-cmd-248   [000]    20.654056: funcgraph_exit:       + 26.157 us  |    } /* inode_init */ (1)
       trace-cmd-248   [000]    20.654061: gm_ret:               (ffffffffa9c6e800 <- ffffffffa9890e00) inode=0xff
CPU:0 [42 EVENTS DROPPED]
CPU:0 [EVENTS DROPPED]
       trace-cmd-248   [000]    20.654070: funcgraph_exit:       + 60.737 us  |  } /* alloc_inode */ (0)
       trace-cmd-248   [000]    20.654091: sched_wakeup:         comm=sh pid=9 prio=120
              sh-249   [001]    20.662995551: print:                tracing_mark_write: close: it
          <idle>-0     [001]    20.662999551: funcgraph_entry:        1.479 us   |  dput();
"""


def test_what_a_report_holds_beside_functions():
    trace = parse(REPORT, kernel="6.12")
    assert [(e.function, e.actor, e.depth) for e in trace.events] == [
        ("alloc_inode", "trace-cmd-248", 0),
        ("inode_init", "trace-cmd-248", 1),
        ("dput", "swapper/001-0", 0),
    ]
    assert trace.marks == ((2, "close: it"),)
    assert trace.missing == (
        "No latency-format column tells the contexts.",
        "Events of several CPUs may be mixed, and none of them says which is its own.",
        "The kernel's ring buffer lost events: 42 + an unknown number.",
        NAMELESS,
    )


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("f();", ()),
        ("f [kvm]();", ()),
        ("f(); /* = 0x10 */", (("ret", "0x10"),)),
        ("f(); /* = -22 */", (("ret", "-22"),)),
        ("f(); /* ret=-22 */", (("ret", "-22"),)),
        ("f(); /* <-g+0x10/0x90 ret=0x0 */", (("ret", "0x0"),)),
        ("f(); /* <-g+0x10/0x90 [kvm] */", ()),
        ("f(head=0xff1, func=0xffffffff94bb); /* ret=0x1 */",
         (("head", "0xff1"), ("func", "0xffffffff94bb"), ("ret", "0x1"))),
        ("f(how=3 [NOT_AT_ALL], at=(struct)[0x1:0x2], n=-1) {",
         (("how", "3"), ("at", "(struct)[0x1:0x2]"), ("n", "-1"))),
        ("f() { /* <-g+0x10/0x90 */", ()),
        ("f [kvm](inode=0xff) { /* <-g+0x1/0x9 [kvm] */", (("inode", "0xff"),)),
    ],
)  # fmt: skip
def test_arguments_and_return_values_stand_behind_the_name(line, arguments):
    (event,) = parse(f"{HEADER} 0)   1.000 us    |  {line}\n").events
    assert (event.function, event.arguments) == ("f", arguments)


@pytest.mark.parametrize(
    "end", ["} /* f = 0x10 */", "} /* f ret=0x10 */", "} /* f [kvm] ret=0x10 */"]
)
def test_a_return_value_at_the_end_belongs_to_the_entry(end):
    lines = (
        " 0)               |  f(n=0x1) {",
        " 0)   1.0 us      |    g();",
        f" 0)   2.0 us      |  {end}",
    )
    trace = parse([HEADER, *lines])
    assert [e.arguments for e in trace.events] == [(("n", "0x1"), ("ret", "0x10")), ()]
    assert not [said for said in trace.missing if "Functions" in said]


ADDRESSED = """\
 0)               |  0xffffffffc0417424() {
 0)   1.0 us      |    0xffffffffc0416134();
 0)   1.0 us      |    0xffffffffc0416104(n=0x1);
 0)   2.0 us      |  } /* 0xffffffffc0417424 ret=0x10 */
"""
SYMBOLS = """\
# symbol 0xffffffffc0416134 kvm_gmem_destroy_inode [kvm]
# symbol 0xffffffffc0417424 kvm_gmem_exit.part.0 [kvm]
# symbol 0xffffffffc0416104
# symbol c0416104 kvm_gmem_free_inode [kvm]
"""


def test_functions_of_a_module_that_is_gone_get_the_names_that_were_noted():
    trace = parse(SYMBOLS + HEADER + ADDRESSED)
    assert [(e.function, e.arguments) for e in trace.events] == [
        ("kvm_gmem_exit.part.0", (("ret", "0x10"),)),
        ("kvm_gmem_destroy_inode", ()),
        ("0xffffffffc0416104", (("n", "0x1"),)),
    ]
    assert trace.missing == parse(HEADER + ADDRESSED).missing
    assert not [said for said in trace.missing if "Functions" in said or "damaged" in said]


def test_without_such_notes_they_stay_addresses():
    assert [e.function for e in parse(HEADER + ADDRESSED).events] == [
        "0xffffffffc0417424", "0xffffffffc0416134", "0xffffffffc0416104",
    ]  # fmt: skip


def test_what_the_notes_name_is_what_the_probes_name():
    probed = " 0)               |  /* p: (kvm_gmem_exit+0x4/0x9) n=0x2 */\n"
    note = "# symbol 0xffffffffc0417424 kvm_gmem_exit [kvm]\n"
    event = parse(note + HEADER + probed + ADDRESSED).events[0]
    assert (event.function, event.arguments) == ("kvm_gmem_exit", (("n", "0x2"), ("ret", "0x10")))


def test_without_any_column_the_switches_still_name_the_tasks():
    text = HEADER + "f() {\n ---------\n 0)   a-1   =>   b-2\n ---------\n\ng();\n"
    trace = parse(text)
    assert [(e.function, e.actor) for e in trace.events] == [("f", "a-1"), ("g", "b-2")]


def test_events_of_other_tracers_are_no_marks():
    lines = (
        " 0)               |  f() {",
        " 0)               |    /* sched_switch: prev_comm=a ==> next_comm=b */",
        " 0)               |    /* rcu_utilization: Start context switch */",
        " 0)               |    /* gm: (f+0x10/0x90) inode=0xff */",
        " 0)               |    /* close: the last one */",
        " 0)               |    /* a word */",
        " 0)   2.000 us    |  }",
    )
    assert [mark for _, mark in parse([HEADER, *lines]).marks] == ["close: the last one", "a word"]


def test_lines_out_of_order_are_said_to_be():
    lines = [line for line in text_of(NAMES[0]).splitlines() if GRAPH.fullmatch(line)]
    assert not [said for said in parse(lines, kernel="7.3").missing if "order" in said]
    lines[10], lines[30] = lines[30], lines[10]
    assert "Lines are not in the order of their times: 2." in parse(lines, kernel="7.3").missing
