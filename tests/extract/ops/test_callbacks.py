import pytest

from gmemviz.extract.ops.callbacks import registrations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"INIT_WORK(&toy->work, toy_shrink);", {"work": "toy_shrink"}),
        (b"INIT_DELAYED_WORK(&q[n].later, &toy_shrink);", {"later": "toy_shrink"}),
        (b"static DECLARE_WORK(toy_work, toy_shrink);", {"toy_work": "toy_shrink"}),
        (b"timer_setup(&toy->timer, toy_tick, 0);", {"timer": "toy_tick"}),
        (b"hrtimer_setup(&toy->fine, toy_tick, CLOCK_X, MODE);", {"fine": "toy_tick"}),
        (b"DEFINE_TIMER(toy_timer, toy_tick);", {"toy_timer": "toy_tick"}),
        (b"init_task_work(&of(toy, 1)->head, toy_end);", {"head": "toy_end"}),
        (b"kthread_init_work(&toy->step, toy_step);", {"step": "toy_step"}),
        (b"schedule_work(&toy->work);", {}),
        (b"INIT_WORK(&a->work, one); INIT_WORK(&b->work, one);", {"work": "one"}),
        (b"INIT_WORK(&a->work, one); INIT_WORK(&b->work, two);", {}),
    ],
)
def test_what_each_set_up_names(text, expected):
    assert registrations(text) == expected
