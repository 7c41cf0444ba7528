"""The flags of Ansible's commands, as declarations: their names, what they are here, what they take.

The names are an interface that scripts rely on; the help texts are ours.
"""

from __future__ import annotations

from orchestra.model.record import record


@record
class Flag:
    """A flag of an Ansible command. ``word`` is the flag that it becomes; empty: it is taken and means nothing."""

    names: tuple[str, ...]
    word: str
    help: str
    #: Name of its value; empty for a switch.
    value: str = ""
    whole: bool = False
    choices: tuple[str, ...] = ()
    #: Flags of one such name exclude each other.
    apart: str = ""


def _flag(names: str, help_text: str, value: str = "", word: str | None = None, *, whole: bool = False,
          choices: tuple[str, ...] = (), apart: str = "") -> Flag:  # fmt: skip
    spelled = tuple(names.split())
    longest = next((name for name in spelled if name.startswith("--")), spelled[0])
    return Flag(spelled, longest if word is None else word, help_text, value, whole, choices, apart)


VERBOSE = _flag("-v --verbose", "say more; repeat for more still", word="-v")

CONNECT = (
    _flag("--private-key --key-file", "SSH key to log in with", "PRIVATE_KEY_FILE"),
    _flag("-u --user", "log in as this user", "REMOTE_USER"),
    _flag("-c --connection", "kind of connection", "CONNECTION"),
    _flag("-T --timeout", "seconds to wait for a connection", "TIMEOUT", whole=True),
    _flag("--ssh-common-args", "options for ssh", "SSH_COMMON_ARGS"),
    _flag("--sftp-extra-args", "taken; no sftp is used", "SFTP_EXTRA_ARGS"),
    _flag("--scp-extra-args", "taken; no scp is used", "SCP_EXTRA_ARGS"),
    _flag("--ssh-extra-args", "further options for ssh", "SSH_EXTRA_ARGS"),
    _flag("-k --ask-pass", "ask for the login password", apart="login"),
    _flag("--connection-password-file --conn-pass-file", "file or program of it", "CONNECTION_PASSWORD_FILE",
          apart="login"),
)  # fmt: skip
BECOME_PASSWORD = (
    _flag("-K --ask-become-pass", "ask for the password of the user to become", apart="become"),
    _flag("--become-password-file --become-pass-file", "file or program of it", "BECOME_PASSWORD_FILE", apart="become"),
)
BECOME = (
    _flag("-b --become", "become another user"),
    _flag("--become-method", "sudo, su or doas", "BECOME_METHOD"),
    _flag("--become-user", "the user to become", "BECOME_USER"),
    *BECOME_PASSWORD,
)
INVENTORY = (
    _flag("-i --inventory --inventory-file", "inventory source, or hosts with commas", "INVENTORY"),
    _flag("--list-hosts", "list the hosts that would be used"),
    _flag("-l --limit", "only these hosts", "SUBSET"),
    _flag("--flush-cache", "forget kept facts"),
)
VARIABLES = (_flag("-e --extra-vars", "variables: k=v, JSON, YAML, @FILE", "EXTRA_VARS"),)
VAULT = (
    _flag("--vault-id", "a vault password: label@source", "VAULT_IDS"),
    _flag("-J --ask-vault-password --ask-vault-pass", "ask for the vault password", word="--ask-vault-pass",
          apart="vault"),
    _flag("--vault-password-file --vault-pass-file", "file or program of it", "VAULT_PASSWORD_FILES", apart="vault"),
)  # fmt: skip
CHECK = (_flag("-C --check", "change nothing"), _flag("-D --diff", "show differences"))
FORKS = (_flag("-f --forks", "hosts at the same time", "FORKS", whole=True),)
MODULES = (_flag("-M --module-path", "folders of modules", "MODULE_PATH"),)
TAGS = (
    _flag("-t --tags", "only tasks with these tags", "TAGS"),
    _flag("--skip-tags", "no tasks with these tags", "SKIP_TAGS"),
)
FOLDER = (_flag("--playbook-dir", "as if a playbook lay in this folder", "BASEDIR"),)
TASK_TIMEOUT = (_flag("--task-timeout", "time limit for a task in seconds", "TASK_TIMEOUT", whole=True),)

PLAYBOOK = (
    *CONNECT,
    _flag("--force-handlers", "run handlers of failed hosts, too"),
    *BECOME, *TAGS, *CHECK, *INVENTORY, *VARIABLES, *VAULT, *FORKS, *MODULES,
    _flag("--syntax-check", "only read the playbooks"),
    _flag("--list-tasks", "list the tasks that would run"),
    _flag("--list-tags", "list the tags"),
    _flag("--step", "ask before each task"),
    _flag("--start-at-task", "begin with the task of this name", "START_AT_TASK"),
)  # fmt: skip
ADHOC = (
    *BECOME, *INVENTORY,
    _flag("-P --poll", "seconds between looks at a background job", "POLL_INTERVAL", whole=True),
    _flag("-B --background", "run in the background, at most so long", "SECONDS", whole=True),
    _flag("-o --one-line", "one line for each host"),
    _flag("-t --tree", "write results into this folder", "TREE"),
    *CONNECT, *CHECK, *VARIABLES, *VAULT, *FORKS, *MODULES, *FOLDER, *TASK_TIMEOUT,
    _flag("-a --args", "the module's options", "MODULE_ARGS"),
    _flag("-m --module-name", "the module", "MODULE_NAME"),
)  # fmt: skip
CONSOLE = (
    *BECOME, *INVENTORY, *CONNECT, *CHECK, *VAULT, *FORKS, *MODULES, *FOLDER, *VARIABLES, *TASK_TIMEOUT,
    _flag("--step", "ask before each command"),
)  # fmt: skip
PULL = (
    *CONNECT, *VAULT, *VARIABLES, *TAGS, *INVENTORY, *MODULES, *BECOME_PASSWORD,
    _flag("--purge", "remove the checkout at the end"),
    _flag("-o --only-if-changed", "play only when something new came"),
    _flag("-s --sleep", "wait at random up to so many seconds", "SLEEP", whole=True),
    _flag("-f --force", "play even when the update failed"),
    _flag("-d --directory", "where the checkout lies", "DEST"),
    _flag("-U --url", "where the repository is", "URL"),
    _flag("--full", "the whole history"),
    _flag("-C --checkout", "branch, tag, commit", "CHECKOUT"),
    _flag("--accept-host-key", "take the key of a server that is new"),
    _flag("-m --module-name", "git or subversion", "MODULE_NAME"),
    _flag("--verify-commit", "only a commit whose signature is good"),
    _flag("--clean", "throw local modifications away"),
    _flag("--track-subs", "submodules at their newest"),
    _flag("--check", "change nothing"),
    _flag("--diff", "show differences"),
)  # fmt: skip
SHOW_INVENTORY = (
    *(flag for flag in INVENTORY if "--list-hosts" not in flag.names), *VAULT, *FOLDER, *VARIABLES,
    _flag("--list", "all hosts with their variables"),
    _flag("--host", "the variables of one host", "HOST"),
    _flag("--graph", "the tree of groups"),
    _flag("-y --yaml", "YAML rather than JSON"),
    _flag("--toml", "TOML rather than JSON"),
    _flag("--vars", "variables in the tree, too"),
    _flag("--export", "variables where they are set"),
    _flag("--output", "write into this file", "OUTPUT_FILE"),
)  # fmt: skip
PLUGIN_KINDS = (
    "become", "cache", "callback", "cliconf", "connection", "httpapi", "inventory", "lookup", "netconf", "shell",
    "vars", "module", "strategy", "test", "filter", "role", "keyword",
)  # fmt: skip
DOC = (
    *MODULES, *FOLDER,
    _flag("-t --type", "kind of plugin", "TYPE", choices=PLUGIN_KINDS),
    _flag("-j --json", "as JSON"),
    _flag("-s --snippet", "a task to paste", apart="form"),
    _flag("-l --list", "list what there is", apart="form"),
    _flag("-F --list_files", "list it with its files", word="--list-files", apart="form"),
    _flag("-e --entry-point", "an entry point of a role", "ENTRY_POINT"),
    _flag("-r --roles-path", "folders of roles", "ROLES_PATH"),
    _flag("--metadata-dump", "all there is, as JSON", apart="form"),
    _flag("--no-fail-on-errors", "pass over what can not be understood"),
)  # fmt: skip
VAULT_COMMANDS: dict[str, tuple[Flag, ...]] = {
    "create": (_flag("--encrypt-vault-id", "encrypt with this one", "ENCRYPT_VAULT_ID"),
               _flag("--skip-tty-check", "start the editor without a terminal, too"), *VAULT),
    "decrypt": (_flag("--output", "write here", "OUTPUT_FILE"), *VAULT),
    "edit": (_flag("--encrypt-vault-id", "encrypt with this one", "ENCRYPT_VAULT_ID"), *VAULT),
    "view": VAULT,
    "encrypt": (*VAULT, _flag("--output", "write here", "OUTPUT_FILE"),
                _flag("--encrypt-vault-id", "encrypt with this one", "ENCRYPT_VAULT_ID")),
    "encrypt_string": (
        *VAULT, _flag("--output", "write here", "OUTPUT_FILE"),
        _flag("--encrypt-vault-id", "encrypt with this one", "ENCRYPT_VAULT_ID"),
        _flag("-p --prompt", "ask for the text"), _flag("--show-input", "show what is typed"),
        _flag("-n --name", "name of the variable", "ENCRYPT_STRING_NAMES"),
        _flag("--stdin-name", "name of standard input", "ENCRYPT_STRING_STDIN_NAME"),
    ),
    "rekey": (*VAULT, _flag("--encrypt-vault-id", "encrypt with this one", "ENCRYPT_VAULT_ID"),
              _flag("--new-vault-password-file", "file of the new password", "NEW_VAULT_PASSWORD_FILE", apart="new"),
              _flag("--new-vault-id", "the new password", "NEW_VAULT_ID", apart="new")),
}  # fmt: skip
_FILE = _flag("-c --config", "this configuration file", "CONFIG_FILE")
_KIND = _flag("-t --type", "kind of setting", "TYPE", choices=("all", "base", *PLUGIN_KINDS[:11]))
CONFIG_COMMANDS: dict[str, tuple[Flag, ...]] = {
    "list": (_FILE, _KIND, _flag("--format -f", "form", "FORMAT", choices=("json", "yaml"))),
    "dump": (_FILE, _KIND, _flag("--only-changed --changed-only", "only what is set"),
             _flag("--format -f", "form", "FORMAT", choices=("json", "yaml", "display"))),
    "view": (_FILE, _KIND),
    "init": (_FILE, _KIND, _flag("--format -f", "form", "FORMAT", choices=("ini", "env", "vars")),
             _flag("--disabled", "every line a comment")),
    "validate": (_FILE, _KIND, _flag("--format -f", "what to check", "FORMAT", choices=("ini", "env"))),
}  # fmt: skip
