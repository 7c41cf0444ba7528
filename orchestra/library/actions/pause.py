"""Wait a while, or until somebody presses enter; once for all hosts.

Ctrl-C meanwhile asks whether to continue (C) or to abort (A), which fails the task; another Ctrl-C ends the run.
"""

from orchestra.runner.sdk import Bool, Float, Str, option

NAMES = ("ansible.builtin.pause", "ansible.legacy.pause")
CHECK_MODE = "It does not wait; a prompt is shown all the same."

EXAMPLES = """
- name: Time for the caches to fill
  pause:
    seconds: 30

- name: Let somebody look
  pause:
    prompt: Press enter when the test page looks right
"""

RETURNS = {
    "user_input": "what was typed",
    "start": "when it began",
    "stop": "when it ended",
    "delta": "seconds",
    "echo": "whether the answer was shown",
    "stdout": "a sentence about it",
}


class Options:
    MUTUALLY_EXCLUSIVE = (("minutes", "seconds"),)
    seconds = option(Float, "How long, in seconds.")
    minutes = option(Float, "How long, in minutes.")
    prompt = option(Str, "What to ask. Without a time it waits for enter.")
    echo = option(Bool, "Show what is typed.", default=True)
