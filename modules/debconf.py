"""Answer the questions that Debian's packages ask, before they ask; or see the answers."""

from orchestra.runner.parts.debconf import RecordAnswer, password, recorded
from orchestra.runner.sdk import Bool, Failed, Raw, Str, option

NAMES = ("ansible.builtin.debconf", "ansible.legacy.debconf")
KINDS = ("boolean", "error", "multiselect", "note", "password", "seen", "select", "string", "text", "title")


class Options:
    name = option(Str, "The package.", required=True, aliases=("pkg",))
    question = option(Str, "The question.", aliases=("selection", "setting"))
    vtype = option(Str, "What kind of answer it takes.", choices=KINDS)
    value = option(Raw, "The answer; a list for a multiselect.", aliases=("answer",))
    unseen = option(Bool, "The question counts as not seen yet.", default=False)

    REQUIRED_TOGETHER = [("question", "vtype", "value")]


EXAMPLES = """
- name: The mail server needs no questions
  debconf:
    name: postfix
    question: postfix/main_mailer_type
    vtype: select
    value: Internet Site
"""

RETURNS = {"current": "the answers as they are now", "previous": "the answer before, where it has changed"}


def plan(options, system):
    answers = recorded(system, options.name)
    question = options.question
    if question is None:
        return {"current": answers, "msg": ""}
    wanted = _wanted(options)
    known = question in answers
    if known and wanted == _known(options, system, answers[question]):
        return {"current": answers, "msg": ""}
    text = ", ".join(wanted) if isinstance(wanted, list) else wanted
    before = answers[question] if known else None
    ran = yield RecordAnswer(options.name, question, options.vtype, text, options.unseen, before)
    return {"current": {question: text}, "previous": {question: before or ""}, "msg": ran.get("stdout", "")}


def _wanted(options):
    """The answer as text; that of a multiselect in a list's form stays a list, in order of its words."""
    value = options.value
    if options.vtype == "multiselect" and isinstance(value, list):
        strange = [one for one in value if not isinstance(one, str)]
        if strange:
            raise Failed("Invalid value provided for 'multiselect': {!r} is not text".format(strange[0]))
        return sorted(value)
    return str(value).lower() if options.vtype == "boolean" else str(value)


def _known(options, system, answer):
    """The answer that is recorded, in the form of the wanted one."""
    if options.vtype == "boolean":
        return answer.lower()
    if options.vtype == "password":
        return password(system, options.name, options.question)
    if options.vtype == "multiselect" and isinstance(options.value, list):
        return sorted(word.strip() for word in answer.split(","))
    return answer
