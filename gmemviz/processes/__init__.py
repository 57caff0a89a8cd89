"""Start processes, and let none outlive what it was started for.

Here are the workers that share a task out, the programs that other rooms run, and what a signal
to end comes to. What is run, and why, other rooms know. Nothing but `errors` is imported.
"""
