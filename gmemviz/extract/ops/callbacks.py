"""Find what a file's work items, timers and callback heads will run.

A file says it once, and starts them elsewhere by their names:

    INIT_WORK(&toy->work, toy_shrink);        work: toy_shrink
    DEFINE_TIMER(toy_timer, toy_tick);        toy_timer: toy_tick
    schedule_work(&toy->work);                so this comes to toy_shrink
"""

import re

SETUP = re.compile(
    rb"\b(?:(?:INIT|DECLARE)_(?:\w+_)?WORK\w*|init_(?:task|irq)_work|h?r?timer_setup\w*|DEFINE_TIMER"
    rb"|DEFINE_IRQ_WORK|tasklet_setup|tasklet_init|DECLARE_TASKLET|kthread_init_(?:delayed_)?work)"
    rb"\s*\(\s*([^,;(){}]*(?:\([^;(){}]*\)[^,;(){}]*)?),\s*&?(\w+)\s*[,)]"
)
LAST_NAME = re.compile(rb"(\w+)\W*\Z")


def registrations(text: bytes) -> dict[str, str]:
    """Return the callback of each work item or timer that one file sets up, by its last name.

    A name set up with two callbacks says nothing and is left out.
    """
    found: dict[str, set[str]] = {}
    for match in SETUP.finditer(text):
        name = LAST_NAME.search(match.group(1))
        if name:
            found.setdefault(name[1].decode(), set()).add(match.group(2).decode())
    return {name: callbacks.pop() for name, callbacks in found.items() if len(callbacks) == 1}
