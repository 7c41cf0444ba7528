"""Read variables from files while the run goes on."""

from orchestra.runner.sdk import Bool, Int, Raw, Str, option

NAMES = ("ansible.builtin.include_vars", "ansible.legacy.include_vars")
FREE_FORM = "file"
CHECK_MODE = "The files are read all the same."

EXAMPLES = """
- name: What this distribution calls things
  include_vars: "{{ ansible_os_family }}.yml"

- name: All of a folder, below one variable
  include_vars:
    dir: sites
    name: sites
    extensions: [yml]
"""

RETURNS = {
    "ansible_facts": "the variables",
    "ansible_included_var_files": "the paths of the files",
}


class Options:
    file = option(Str, "The file: in vars/ of the role, or beside the playbook.", aliases=("_raw_params",))
    dir = option(Str, "A folder: all its files, in the order of their names.")
    name = option(Str, "The variable that all goes below.")
    depth = option(Int, "How deep to go into the folder; 0 is to the ground.", default=0)
    files_matching = option(Str, "Of the folder only files whose names this regular expression finds.")
    ignore_files = option(Raw, "Names of files to leave out, as a list of regular expressions.")
    extensions = option(Raw, "The endings that files of variables have.", default=("yaml", "yml", "json"))
    ignore_unknown_extensions = option(Bool, "Leave out other files instead of failing.", default=False)
    hash_behaviour = option(Str, "What happens to a mapping that is there already.", choices=("replace", "merge"))
