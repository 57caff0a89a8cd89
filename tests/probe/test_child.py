"""What may fault or hang: a child's answer, its signal, its time limit, and nothing left of it."""

from tests.probe.alone import alone

ANSWERS = """
import ctypes, time
from gmemviz.probe.child import answer_in_child

def refuse():
    raise OSError(95, "Operation not supported")

def held():
    return sorted(os.listdir("/proc/self/fd"))

before = held()
result = [
    answer_in_child(lambda: 7),
    answer_in_child(lambda: None),
    answer_in_child(refuse),
    answer_in_child(lambda: ctypes.string_at(8, 1)),
    answer_in_child(lambda: os.abort()),
    answer_in_child(lambda: time.sleep(60), time_limit=0.2),
    answer_in_child(lambda: os._exit(0)),
]
try:
    os.waitpid(-1, os.WNOHANG)
    result.append("a child is left")
except ChildProcessError:
    result.append("no child is left")
result.append(held() == before)
"""


def test_each_end_of_a_child_is_an_answer():
    assert alone(ANSWERS) == [
        "7",
        "0",
        "EOPNOTSUPP",
        "SIGSEGV",
        "SIGABRT",
        "no answer",
        "no answer",
        "no child is left",
        True,
    ]


RAISES = """
from gmemviz.probe.child import answer_in_child

def fail():
    raise RuntimeError("a mistake of ours")

result = [answer_in_child(fail), os.getpid()]
"""


# Back in the caller's code it would go on as a second process, and print a second line.
def test_a_child_never_comes_back_into_the_caller_s_code():
    answer, pid = alone(RAISES)
    assert answer == "no answer"
    assert pid > 1
