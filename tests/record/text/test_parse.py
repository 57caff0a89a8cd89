"""Text becomes events: every column on or off, named tasks or not."""

import lzma
import re
from itertools import combinations

import pytest

from gmemviz.errors import RecordingError
from gmemviz.record import follow, parse
from gmemviz.record.text.files import DATA
from gmemviz.record.text.reader import MIXED_CPUS
from tests.record.old_recordings import load_recording, text_of

NAME = "7.3-memfd-policy"


TEXT = text_of(NAME)
PARTS = re.compile(
    r"(?P<time> *\d+\.\d{6} \|  )(?P<cpu> +\d\) )(?P<task> *\S+-\d+ +\| )(?P<flags> \S{5} \| )"
    r"(?P<duration> {14}\|  |[^|]+ us *\|  )(?P<rest>.*)"
)
COLUMNS = ("time", "cpu", "task", "flags", "duration")
SHAPE = [(e.function, e.depth) for e in load_recording(NAME).events]


def graph_lines(text):
    return [line for line in text.splitlines() if re.match(r" +\d+\.\d{6} \|", line)]


def only(columns, text=TEXT):
    """Rewrite a recording as the tracer prints it with only these columns."""

    def rewritten(line):
        match = PARTS.fullmatch(line)
        return "".join(match[name] for name in (*columns, "rest")) if match else line

    return "\n".join(rewritten(line) for line in text.splitlines())


def events(*lines, header="# tracer: function_graph\n"):
    return parse(header + "\n".join(lines) + "\n").events


def shape(trace):
    return [(event.function, event.depth) for event in trace.events]


def test_a_recording_holds_what_the_text_says():
    trace = parse(TEXT, title="policy")
    assert (trace.title, trace.kernel, trace.origin) == (
        "policy", "7.3.4+deb13-amd64", "recorded",
    )  # fmt: skip
    assert trace.marks == ((8, "memfd-policy"), (24, "close"), (53, "end"))
    assert trace.missing == ()
    assert len(trace.events) == 62
    callback = next(e for e in trace.events if e.function == "i_callback")
    assert (callback.actor, callback.context, callback.depth) == ("<idle>-0", "B", 0)
    assert callback.time == 60.564604


def test_lines_text_and_other_line_ends_give_the_same_trace():
    assert parse(TEXT) == parse(TEXT.splitlines()) == parse(TEXT.replace("\n", "\r\n"))


def test_a_module_suffix_and_arguments_are_no_part_of_the_name():
    lines = (
        " 0)               |  kvm_gmem_release [kvm](inode=0xffff8881, file=0x1) {",
        " 0)   1.000 us    |    kvm_put_kvm [kvm](kvm=0x2); /* <-kvm_gmem_release+0x1 ret=0x0 */",
        " 0)   2.000 us    |  } /* kvm_gmem_release [kvm] ret=0x0 */",
    )
    assert [(e.function, e.depth) for e in events(*lines)] == [
        ("kvm_gmem_release", 0), ("kvm_put_kvm", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "columns", [c for n in range(6) for c in combinations(COLUMNS, n)], ids=" ".join
)
def test_hidden_columns_hide_only_what_they_hold(columns):
    trace = parse(only(columns))
    assert shape(trace) == SHAPE
    assert {event.time is None for event in trace.events} == {"time" not in columns}
    assert [m for _, m in trace.marks] == ["memfd-policy", "close", "end"]
    has_context = "flags" in columns
    assert ("?" not in {event.context for event in trace.events}) is has_context
    assert ("No latency-format column tells the contexts." in trace.missing) is not has_context
    assert follow(trace).events[-1].function == "shmem_free_in_core_inode"


def test_without_task_column_the_switches_name_the_tasks():
    for name in (NAME, "7.3-gmem"):  # in the latter, inside of functions
        trace = parse(only(("time", "cpu", "flags", "duration"), text_of(name)))
        assert trace.events == load_recording(name).events
        assert trace.missing == ()


def test_without_switches_the_tasks_are_said_to_be_unnamed():
    text = only(("cpu", "flags"), "\n".join(graph_lines(TEXT)[:5]))
    trace = parse(text, kernel="7.3")
    assert {event.actor for event in trace.events} == {"CPU0"}
    assert trace.missing == ("No TASK/PID column and no task switch names the tasks.",)


def test_a_task_switch_inside_a_function_keeps_the_depths():
    lines = (
        " 0)   a-1    |               |  __fput() {",
        " 0)   b-2    |               |  schedule() {",
        " 0)   a-1    |   1.000 us    |    dput();",
        " 0)   b-2    |   1.000 us    |  } /* schedule */",
        " 0)   a-1    |   1.000 us    |  } /* __fput */",
    )
    trace = parse("# tracer: function_graph\n" + "\n".join(lines), kernel="x")
    assert [(e.actor, e.depth) for e in trace.events] == [("a-1", 0), ("b-2", 0), ("a-1", 1)]
    assert not [said for said in trace.missing if said.startswith("Functions")]


def test_interrupt_separators_are_no_events():
    lines = (
        " 0)               |  __fput() {",
        " 0)   ==========> |",
        " 0)   1.000 us    |    irq_enter();",
        " 0)   <========== |",
        " 0)   1.000 us    |  }",
    )
    trace = parse(lines, kernel="x")
    assert shape(trace) == [("__fput", 0), ("irq_enter", 1)]
    assert not [said for said in trace.missing if "damaged" in said]


@pytest.mark.parametrize(
    ("flags", "task", "context"),
    [
        ("...1.", "a-1", "P"), (".N.1.", "a-1", "P"), ("...2.", "a-1", "L"), ("d..3.", "a-1", "L"),
        ("..s1.", "a-1", "B"), ("..s2.", "<idle>-0", "B"), ("...2.", "<idle>-0", "?"),
        ("..h1.", "a-1", "?"), ("..H2.", "a-1", "?"), ("d..1.", "a-1", "?"), ("b..2.", "a-1", "L"),
        ("b..1.", "rcuop/0-15", "B"), ("b..1.", "a-1", "?"),
    ],
)  # fmt: skip
def test_flags_tell_the_context(flags, task, context):
    (event,) = events(f" 0)   {task}    |  {flags} |   1.000 us    |  f();")
    assert event.context == context


def test_a_kernel_that_counts_nothing_tells_neither_process_nor_lock():
    lines = (
        " 0)   a-1  |  ..... |   1.0 us    |  f();",
        " 0)   a-1  |  ..s.. |   1.0 us    |  g();",
    )
    assert [event.context for event in events(*lines)] == ["?", "B"]


def test_several_cpus_are_named_and_have_their_own_idle_task():
    lines = (
        " 0)    <idle>-0    |  ..s2. |   1.0 us    |  i_callback();",
        " 1)    <idle>-0    |  ..s2. |   1.0 us    |  i_callback();",
    )
    trace = parse(lines)
    assert [event.actor for event in trace.events] == ["<idle>-0", "swapper/1-0"]
    assert MIXED_CPUS in trace.missing


def test_a_hidden_cpu_column_may_hide_several_cpus():
    text = only(("time", "task", "flags", "duration"))
    assert MIXED_CPUS not in parse(text).missing
    assert MIXED_CPUS in parse(text.replace("#P:1", "#P:4")).missing


def test_one_line_with_other_columns_does_not_count():
    lines = only(("cpu", "duration")).splitlines()
    trace = parse([*lines[:30], graph_lines(TEXT)[30], *lines[30:]])
    assert shape(trace) == SHAPE
    assert trace.missing[-1] == (
        "Lines are damaged or not function_graph: 1, the first one is line 31."
    )


SHIPPED = lzma.decompress((DATA / "7.3-memfd-policy.txt.xz").read_bytes()).decode()


@pytest.mark.parametrize("prefix", ["> ", ">> ", "> > ", "[   12.345678] ", "<6>[    1.000000] "])
def test_what_a_mail_or_a_log_puts_before_each_line_is_no_part_of_it(prefix):
    prefixed = "".join(f"{prefix}{line}" for line in SHIPPED.splitlines(keepends=True))
    assert parse(prefixed) == parse(SHIPPED)


def test_times_may_have_nanoseconds():
    trace = parse(re.sub(r"(\d\.\d{6}) \|", r"\g<1>123 |", SHIPPED))
    assert [event.function for event in trace.events] == [
        event.function for event in parse(SHIPPED).events
    ]
    assert trace.events[0].time == 11.019130123


@pytest.mark.parametrize("strip", [str.strip, str])
def test_blanks_that_were_collapsed_are_refused_by_the_name_of_the_column(strip):
    lines = [strip(re.sub(" +", " ", line)) for line in SHIPPED.splitlines()]
    with pytest.raises(RecordingError, match="before the column FUNCTION CALLS have been made one"):
        parse("\n".join(lines))
