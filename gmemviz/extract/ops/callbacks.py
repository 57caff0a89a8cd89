"""Know which calls hand over a function, and whether it runs at once or later."""

import re
from typing import Final

# Name of the call: which argument is the function.
LATER: Final = {
    "call_rcu": 1,
    "call_rcu_hurry": 1,
    "call_rcu_tasks": 1,
    "call_rcu_tasks_rude": 1,
    "call_rcu_tasks_trace": 1,
    "call_srcu": 2,
    "INIT_WORK": 1,
    "INIT_WORK_ONSTACK": 1,
    "INIT_DELAYED_WORK": 1,
    "INIT_DELAYED_WORK_ONSTACK": 1,
    "INIT_DEFERRABLE_WORK": 1,
    "INIT_RCU_WORK": 1,
    "init_task_work": 1,
    "init_irq_work": 1,
    "timer_setup": 1,
    "timer_setup_on_stack": 1,
    "hrtimer_setup": 1,
    "hrtimer_setup_on_stack": 1,
    "tasklet_setup": 1,
    "tasklet_init": 1,
    "kthread_init_work": 1,
    "kthread_init_delayed_work": 1,
    "kthread_run": 0,
    "kthread_create": 0,
}
AT_ONCE: Final = {
    "kref_put": 1,
    "kref_put_mutex": 1,
    "kref_put_lock": 1,
    "list_lru_walk": 1,
    "list_lru_walk_node": 2,
    "list_lru_walk_one": 3,
    "list_lru_shrink_walk": 2,
    "list_lru_shrink_walk_irq": 2,
    "d_walk": 2,
    "iterate_supers": 0,
    "__iterate_supers": 0,
    "stop_machine": 0,
    "on_each_cpu": 0,
    "workqueue_on_cpu": 1,
}
# Name of the call: which argument is the work, timer or callback head that was set up.
QUEUES: Final = {
    "schedule_work": 0,
    "schedule_work_on": 1,
    "queue_work": 1,
    "queue_work_on": 2,
    "schedule_delayed_work": 0,
    "schedule_delayed_work_on": 1,
    "queue_delayed_work": 1,
    "queue_delayed_work_on": 2,
    "mod_delayed_work": 1,
    "mod_delayed_work_on": 2,
    "queue_rcu_work": 1,
    "task_work_add": 1,
    "irq_work_queue": 0,
    "mod_timer": 0,
    "add_timer": 0,
    "timer_reduce": 0,
    "hrtimer_start": 0,
    "hrtimer_start_range_ns": 0,
    "tasklet_schedule": 0,
    "kthread_queue_work": 1,
    "kthread_queue_delayed_work": 1,
}
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
            callback = match.group(2).decode()
            found.setdefault(name.group(1).decode(), set()).add(callback)
    return {name: next(iter(names)) for name, names in found.items() if len(names) == 1}
