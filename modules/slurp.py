"""Bring a file's content from the host into a variable, in base64."""

from orchestra.runner.sdk import Failed, Path, option

NAMES = ("ansible.builtin.slurp", "ansible.legacy.slurp")
EXAMPLES = """
- name: Read the host's key
  slurp:
    src: /etc/ssh/ssh_host_ed25519_key.pub
  register: key

- name: Show it
  debug:
    msg: "{{ key.content | b64decode }}"
"""

RETURNS = {"content": "the content in base64", "encoding": "base64", "source": "the path that was read"}


class Options:
    src = option(Path, "The file to read.", required=True, aliases=("path",))


def plan(options, system):
    import binascii

    try:
        content = system.read_bytes(options.src)
    except FileNotFoundError:
        raise Failed("File not found: {}".format(options.src)) from None
    except PermissionError:
        raise Failed("File is not readable: {}".format(options.src)) from None
    except IsADirectoryError:
        raise Failed("Source is a directory and must be a file: {}".format(options.src)) from None
    except NotADirectoryError as error:
        raise Failed("Unable to slurp file: {}".format(error)) from None
    text = binascii.b2a_base64(content, newline=False).decode("ascii")
    return {"content": text, "source": options.src, "encoding": "base64"}
