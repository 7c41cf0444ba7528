"""Keep Python packages installed, at a version, newest, or removed: for the system or in a virtual environment."""

import os
import sys

from orchestra.runner.parts.commands import masked, split
from orchestra.runner.parts.requirements import is_satisfied, name_of, normal
from orchestra.runner.sdk import Bool, Command, Failed, List, Path, Problem, Raw, Str, option

NAMES = ("ansible.builtin.pip", "ansible.legacy.pip")
PARTS = ("commands", "requirements")
CHECK_MODE = "What pip would find newer is not asked: state=latest and requirements count as changed."

EXAMPLES = """
- name: A library for the system's Python
  pip:
    name: requests>=2.31

- name: An application in its own environment
  pip:
    requirements: /opt/app/requirements.txt
    virtualenv: /opt/app/venv
    virtualenv_command: python3 -m venv
"""

RETURNS = {
    "cmd": "pip's command line",
    "name": "the packages",
    "version": "the version",
    "requirements": "the file",
    "virtualenv": "the environment",
    "stdout": "what pip said",
    "stderr": "its errors",
}


class Options:
    name = option(List, "Packages, with versions as pip has them, addresses or paths.", elements=Str)
    version = option(Str, "The version of the one package.")
    requirements = option(Str, "A file of requirements.")
    state = option(
        Str,
        "latest asks for updates every time, forcereinstall installs every time.",
        default="present",
        choices=("absent", "forcereinstall", "latest", "present"),
    )
    virtualenv = option(Path, "An environment; made where there is none.")
    virtualenv_command = option(Str, "What makes it: virtualenv, or python3 -m venv.", default="virtualenv")
    virtualenv_python = option(Str, "The environment's Python; not with venv.")
    virtualenv_site_packages = option(Bool, "The environment sees the system's packages.", default=False)
    executable = option(Path, "The pip to use, by path or name.")
    extra_args = option(Str, "More arguments for pip.")
    editable = option(Bool, "Install in editable mode.", default=False)
    chdir = option(Path, "Run in this folder.")
    umask = option(Raw, "The umask for files that are made.")
    break_system_packages = option(Bool, "Install although the system manages its Python itself.", default=False)
    use_mirrors = option(Raw, "Accepted for old playbooks; does nothing.")

    REQUIRED_ONE_OF = [("name", "requirements", "virtualenv")]
    MUTUALLY_EXCLUSIVE = [("name", "requirements"), ("executable", "virtualenv")]


def problems(options):
    if options.version and options.state == "latest":
        yield Problem("version", "is incompatible with state=latest")
    if options.version and len(options.name or ()) > 1:
        yield Problem("version", "is for one package; write several as name==version")
    if options.virtualenv_python and "venv" in _venv_words(options):
        yield Problem(
            "virtualenv_python", "should not be used when using the venv module or pyvenv as virtualenv_command"
        )


def plan(options, system):
    if options.chdir and not system.is_dir(options.chdir):
        raise Failed("chdir: there is no folder {}".format(options.chdir))
    values = {"name": options.name, "version": options.version, "state": options.state}
    values.update(requirements=options.requirements, virtualenv=options.virtualenv)
    made = False
    if options.virtualenv and not system.exists(os.path.join(options.virtualenv, "bin", "activate")):
        ran = yield _environment(options, system)
        if not ran.values():
            return values
        made = True
    if not options.name and not options.requirements:
        return dict(values, cmd="", stdout="", stderr="")
    pip = _pip(options, system)
    wanted = _wanted(options)
    installed = _installed(pip, options, system)
    argv = pip + _words(options, wanted)
    if not _is_needed(options, wanted, installed):
        return dict(values, cmd=argv, stdout="", stderr="", changed=made)
    return (yield from _run(options, system, pip, argv, installed, values, made))


def _run(options, system, pip, argv, installed, values, made):
    if options.requirements and not system.exists(os.path.join(options.chdir or "", options.requirements)):
        raise Failed("Could not open requirements file: {}".format(options.requirements), cmd=argv)
    touches = [("path", options.virtualenv)] if options.virtualenv else []
    ran = yield Command(masked(argv, options.umask), cwd=options.chdir, env=_env(options), touches=touches)
    if not ran.values():
        return dict(values, cmd=argv, changed=True)
    said = "Successfully installed" in ran.stdout or "Successfully uninstalled" in ran.stdout
    changed = made or said or _installed(pip, options, system) != installed
    return dict(values, cmd=argv, stdout=ran.stdout, stderr=ran.stderr, changed=changed)


def _env(options):
    return {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _venv_words(options):
    return [os.path.basename(word) for word in split(options.virtualenv_command)]


def _environment(options, system):
    """The effect that makes the virtual environment."""
    words = split(options.virtualenv_command)
    argv = [system.need(words[0])] + words[1:]
    if options.virtualenv_site_packages:
        argv.append("--system-site-packages")
    plain = "venv" not in _venv_words(options) and not words[0].endswith("pyvenv")
    if options.virtualenv_python:
        argv.append("-p" + options.virtualenv_python)
    elif plain:
        argv.append("-p" + (sys.executable or "python3"))
    argv.append(options.virtualenv)
    return Command(masked(argv, options.umask), cwd=options.chdir, touches=[("path", options.virtualenv)])


def _pip(options, system):
    """How pip is started, as words."""
    if options.virtualenv:
        for name in ("pip3", "pip"):
            path = os.path.join(options.virtualenv, "bin", name)
            if system.exists(path):
                return [path]
        raise Failed("Unable to find pip in the virtualenv {}".format(options.virtualenv))
    if options.executable:
        return [system.need(options.executable)]
    python = sys.executable or "python3"
    if system.query([python, "-m", "pip", "--version"]).rc == 0:
        return [python, "-m", "pip"]
    for name in ("pip3", "pip"):
        path = system.which(name)
        if path is not None:
            return [path]
    raise Failed("Unable to find any of pip3, pip to use.  pip needs to be installed.")


def _wanted(options):
    """The requirements. A list that was split at commas is put together again where pip wants the comma: a>1,<2."""
    wanted = []
    for one in options.name or ():
        one = one.strip()
        if wanted and one[:1] in "<>=!~":
            wanted[-1] += "," + one
        elif one:
            wanted.append(one)
    if options.version:
        sign = "" if options.version[:1] in "<>=!~" else "=="
        wanted = [one + sign + options.version for one in wanted]
    return wanted


def _words(options, wanted):
    if options.state == "absent":
        words = ["uninstall", "-y"]
    else:
        words = ["install"] + {"latest": ["-U"], "forcereinstall": ["-U", "--force-reinstall"]}.get(options.state, [])
    if options.break_system_packages:
        words.append("--break-system-packages")
    words += split(options.extra_args) if options.extra_args else []
    if options.requirements:
        return words + ["-r", options.requirements]
    if options.state == "absent":
        return words + [name_of(one) or one for one in wanted]
    for one in wanted:
        words += ["-e", one] if options.editable else [one]
    return words


def _installed(pip, options, system):
    """{normal name: version} of what is there."""
    ran = system.query(pip + ["list", "--format=freeze"], cwd=options.chdir, env=_env(options))
    if ran.rc != 0:
        raise Failed("pip does not say what is installed: {}".format(ran.err.strip() or ran.out.strip()), rc=ran.rc)
    rows = [line.partition("==") for line in ran.out.splitlines()]
    return {normal(name): version.strip() for name, equals, version in rows if equals}


def _is_needed(options, wanted, installed):
    """Whether pip must run. What only pip can tell (an address, an extra, a file) it is asked."""
    if options.requirements or options.state in ("latest", "forcereinstall"):
        return True
    if options.state == "absent":
        return any(name_of(one) is None or normal(name_of(one)) in installed for one in wanted)
    if options.extra_args or options.editable:
        return True
    return not all(is_satisfied(one, installed) for one in wanted)
