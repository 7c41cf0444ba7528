"""Install and remove Python packages with pip, in a virtual environment or beside the system's."""

import sys

from orchestra.runner.parts.pythons import MakeEnvironment, RunPip, installed
from orchestra.runner.parts.requirements import is_satisfied, name_of, normal
from orchestra.runner.sdk import Bool, Failed, List, Path, Str, given, option

NAMES = ("ansible.builtin.pip", "ansible.legacy.pip")
PARTS = ("pythons", "requirements")
CHECK_MODE = "Packages without a plain name or version, requirements files and latest count as changed."


class Options:
    name = option(List, "Requirements, as pip takes them.", elements=Str)
    version = option(Str, "The version of a single name.")
    requirements = option(Str, "A requirements file on the host.")
    state = option(
        Str, "Whether they are there.", default="present", choices=("present", "absent", "latest", "forcereinstall")
    )
    virtualenv = option(Path, "The environment; made where it is missing.")
    virtualenv_site_packages = option(Bool, "A new environment sees the system's packages.", default=False)
    virtualenv_command = option(Path, "The program that makes it, with arguments.", default="virtualenv")
    virtualenv_python = option(Str, "The interpreter of a new environment.")
    extra_args = option(Str, "More arguments for pip.")
    editable = option(Bool, "Install in development mode.", default=False)
    chdir = option(Path, "The folder to run pip in.")
    executable = option(Path, "The pip to use, by name or path.")
    umask = option(Str, "The umask for new files.")
    break_system_packages = option(Bool, "Install beside packages that the system manages.", default=False)

    REQUIRED_ONE_OF = [("name", "requirements")]
    MUTUALLY_EXCLUSIVE = [("name", "requirements"), ("executable", "virtualenv")]


EXAMPLES = """
- name: An application in an environment of its own
  pip:
    name:
      - flask==3.0.0
      - gunicorn
    virtualenv: /srv/app/venv
    virtualenv_command: python3 -m venv
"""

RETURNS = {
    "cmd": "pip's command line",
    "name": "the packages",
    "version": "the version",
    "requirements": "the file",
    "virtualenv": "the environment",
    "stdout": "what pip said",
    "stderr": "its warnings",
}


def plan(options, system):
    values = {name: getattr(options, name) for name in ("name", "version", "requirements", "virtualenv", "state")}
    if options.version is not None and len(options.name or ()) > 1:
        raise Failed(
            "'version' argument is ambiguous when installing multiple package distributions; use name==version"
        )
    made = False
    if options.virtualenv and not system.exists(options.virtualenv + "/bin/activate"):
        yield MakeEnvironment(_making(options, system), options.virtualenv)
        made = True
    pip = _pip(options, system)
    specs = _specs(options)
    if specs and _settled(options, system, pip, specs, made):
        return dict(values, cmd=pip + specs, stdout="", stderr="", changed=made)
    line = _line(options, pip, specs)
    environment = {"PIP_BREAK_SYSTEM_PACKAGES": "1"} if options.break_system_packages else None
    result = yield RunPip(_with_umask(options, line), options.chdir, environment, removes=options.state == "absent")
    values.update(cmd=line, stdout=result.get("stdout", ""), stderr=result.get("stderr", ""))
    return dict(values, changed=made or result.changed)


def _making(options, system):
    words = options.virtualenv_command.split()
    builtin = any("venv" in word and "virtualenv" not in word for word in words)
    if words == ["virtualenv"] and not given(options, "virtualenv_command") and system.which("virtualenv") is None:
        words, builtin = [system.which(options.virtualenv_python or "python3") or sys.executable, "-m", "venv"], True
    elif builtin and options.virtualenv_python:
        raise Failed("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
    system.need(words[0])
    if options.virtualenv_site_packages:
        words.append("--system-site-packages")
    if options.virtualenv_python and not builtin:
        words.append("-p" + options.virtualenv_python)
    return words + [options.virtualenv]


def _pip(options, system):
    """The command of the right pip: the environment's, the one that was named, else the interpreter's."""
    if options.virtualenv:
        folder = options.virtualenv + "/bin/"
        name = next((one for one in ("pip", "pip3") if system.exists(folder + one)), None)
        return [folder + name] if name else [folder + "python", "-m", "pip"]
    if options.executable:
        return [options.executable if "/" in options.executable else system.need(options.executable)]
    folder = sys.executable.rpartition("/")[0] + "/"
    beside = next((folder + one for one in ("pip3", "pip") if system.exists(folder + one)), None)
    found = beside or system.which("pip3") or system.which("pip")
    if found:
        return [found]
    if system.query([sys.executable, "-c", "import pip"]).rc == 0:
        return [sys.executable, "-m", "pip"]
    system.missed = True
    raise Failed("Unable to find any of pip3, pip to use. pip needs to be installed.")


def _specs(options):
    names = []
    for name in (name.strip() for name in options.name or ()):
        if names and name[:1] in ("<", ">", "=", "!", "~"):
            names[-1] += "," + name  # a>1,<2 as text is split at its comma on the way here
        elif name:
            names.append(name)
    if options.version is not None and names:
        operator = "" if options.version.lstrip()[:1] in "<>=!~" and options.version.strip() else "=="
        return [names[0] + operator + options.version.strip()]
    return names


def _settled(options, system, pip, specs, made):
    """Whether everything is as it should be, as far as names and versions tell; of the rest only pip knows."""
    if made or options.extra_args or options.editable or options.state in ("latest", "forcereinstall"):
        return False
    found = installed(system, pip, options.virtualenv)
    if options.state == "absent":
        return not any(name_of(spec) is None or normal(name_of(spec)) in found for spec in specs)
    return all(is_satisfied(spec, found) for spec in specs)


def _line(options, pip, specs):
    verb = ["uninstall", "-y"] if options.state == "absent" else ["install"]
    if options.state == "latest":
        verb.append("-U")
    elif options.state == "forcereinstall":
        verb += ["-U", "--force-reinstall"]
    line = pip + verb
    if options.extra_args:
        import shlex

        line += shlex.split(options.extra_args)
    if options.requirements:
        return line + ["-r", options.requirements]
    for spec in specs:
        remote = spec.startswith(("git+", "hg+", "svn+", "bzr+"))
        line += ["-e", spec] if options.editable and (remote or "/" in spec or spec == ".") else [spec]
    return line


def _with_umask(options, line):
    if options.umask is None:
        return line
    if not all(digit in "01234567" for digit in options.umask):
        raise Failed("umask must be an octal integer")
    return ["/bin/sh", "-c", 'umask "$0"; exec "$@"', options.umask] + line
