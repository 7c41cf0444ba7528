"""Ask a web service: send a request, look at the status, the headers, the content."""

import os

from orchestra.runner.parts.downloads import RequestOptions, ask, masked
from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Call,
    Failed,
    FileOptions,
    Int,
    List,
    Path,
    Raw,
    Result,
    Str,
    WriteFile,
    no,
    option,
)

NAMES = ("ansible.builtin.uri", "ansible.legacy.uri")
PARTS = ("downloads",)
CHECK_MODE = "Nothing is sent; the task is skipped."

EXAMPLES = """
- name: The service answers
  uri:
    url: http://localhost:8080/health
    return_content: true
  register: health
  until: health.status == 200
  retries: 10
  delay: 3

- name: Make a record
  uri:
    url: https://api.example.org/records
    method: POST
    body_format: json
    body: {name: www, address: 192.0.2.1}
    status_code: [200, 201]
"""

RETURNS = {
    "status": "the server's status; -1 where there was no answer",
    "url": "the address in the end, after redirects",
    "redirected": "whether we were sent elsewhere",
    "content": "the content, with return_content, or where the status is not an expected one",
    "json": "the content as data, where the server says that it is JSON",
    "cookies": "cookies by name",
    "cookies_string": "the same as one header line",
    "path": "the file that was written, with dest",
    "msg": "OK with the number of bytes",
    "elapsed": "seconds",
}


class Options(RequestOptions, FileOptions):
    url = option(Str, "What to ask.", required=True)
    method = option(Str, "The request's method.", default="GET")
    body = option(Raw, "What to send along: text, or data that body_format writes.")
    body_format = option(
        Str,
        "How data is written.",
        default="raw",
        choices=("raw", "json", "form-urlencoded", "form-multipart"),
    )
    src = option(Path, "A file whose content is sent instead of body.")
    remote_src = option(Bool, "src is on the host.", default=False)
    dest = option(Path, "A file or folder for the content.")
    status_code = option(List, "Statuses that are fine.", default=[200], elements=Int)
    return_content = option(Bool, "Return the content, whatever it is.", default=False, aliases=("return_contents",))
    follow_redirects = option(
        Str,
        "Go where the server sends us: safe means for GET and HEAD only.",
        default="safe",
        choices=("all", "no", "none", "safe", "urllib2", "yes"),
    )
    creates = option(Path, "Do nothing where this path or glob exists.")
    removes = option(Path, "Do nothing unless this path or glob exists.")
    timeout = option(Int, "Seconds to wait for the server.", default=30)
    force = option(Bool, "Fetch dest even where the server has nothing newer.", default=False)
    unix_socket = option(Path, "Talk to this socket instead of the network.")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")
    content_attachment = option(Str, "Internal: the attachment with src's content.")

    MUTUALLY_EXCLUSIVE = [("body", "src")]


class Ask(Call):
    """Send the request: what it does to the server nobody can foretell, repeat or take back."""

    repeats = no("what a request does is the server's business")
    undoes = no("what a request did is the server's business")


def plan(options, system):
    skip = _reason_to_skip(options, system)
    if skip:
        return {"stdout": "skipped, since " + skip, "changed": False, "msg": skip, "skipped": True}
    began = system.now()
    answer = yield Ask("send the request", do=lambda system: _send(options, system))
    if not answer.values():
        return Result(False, skipped=True, msg="This action (uri) does not support check mode.")
    values = dict(answer.values(), elapsed=int(system.now() - began))
    content = values.pop("_content")
    values["changed"] = False
    if options.dest and values["status"] == 200:
        wrote = yield from _keep(options, system, content, values)
        values.update(changed=wrote.changed is not False)
    elif options.dest and system.is_file(options.dest):
        values.update(system.path_info(options.dest), path=options.dest)
    return _judged(options, values, content)


def _reason_to_skip(options, system):
    if options.creates and system.any_at(options.creates):
        return "'{}' exists".format(options.creates)
    if options.removes and not system.any_at(options.removes):
        return "'{}' does not exist".format(options.removes)
    return ""


def _send(options, system):
    from http.cookiejar import CookieJar

    jar = CookieJar()
    headers = {}
    data = _body(options, system, headers)
    if options.dest and not options.force and system.is_file(options.dest):
        from email.utils import formatdate

        headers["If-Modified-Since"] = formatdate(system.stat(options.dest, follow=True).mtime, usegmt=True)
    try:
        more = {"method": options.method, "data": data, "timeout": options.timeout, "headers": headers, "jar": jar}
        with ask(options, system, options.url, redirects=options.follow_redirects, **more) as response:
            return Result(False, **_answer(options, response, jar))
    except Failed as failure:
        answer = {"status": -1, "url": masked(options.url), "redirected": False, "msg": failure.msg, "_content": b""}
        return Result(False, **answer)


def _answer(options, response, jar):
    values = {name.replace("-", "_"): value for name, value in response.headers.items()}
    values.update(status=response.status, url=response.url, redirected=response.url != options.url)
    values.update(msg=response.summary(), _content=response.read(options.decompress))
    if response.status < 400:
        cookies = [(cookie.name, cookie.value) for cookie in jar]
        values.update(cookies=dict(cookies), cookies_string="; ".join("{}={}".format(*pair) for pair in cookies))
    return values


def _judged(options, values, content):
    """Failed where the status is not one of those that are fine; else the values with what was asked for."""
    text = _text(content, values.get("content_type", ""))
    kind = values.get("content_type", "").split(";")[0].strip().lower()
    if kind.split("/")[-1] == "json" or kind.endswith("+json"):
        import json

        try:
            values["json"] = json.loads(text)
        except ValueError:
            values.pop("json", None)
    if options.return_content:
        values["content"] = text
    if values["status"] in options.status_code:
        return values
    values["content"] = text
    said = values.pop("msg")
    values.pop("changed")
    expected = "Status code was {} and not {}: {}".format(values["status"], options.status_code, said)
    raise Failed(expected, changed=False, **values)


def _text(content, kind):
    charset = "utf-8"
    for part in kind.split(";")[1:]:
        key, _, value = part.strip().partition("=")
        charset = value.strip("\"'") if key.lower() == "charset" else charset
    try:
        return content.decode(charset, "surrogateescape")
    except LookupError:
        return content.decode("utf-8", "surrogateescape")


def _keep(options, system, content, values):
    """Write the content to dest; in a folder it takes the address's last part as its name."""
    dest = options.dest
    if dest.endswith("/") and not system.is_dir(dest):
        raise Failed("Destination {} does not exist".format(dest.rstrip("/")))
    if system.is_dir(dest):
        dest = os.path.join(dest, os.path.basename(values["url"].split("?")[0].rstrip("/")) or "index.html")
    wrote = yield WriteFile(dest, content, Attributes.of(options), unsafe_writes=options.unsafe_writes)
    values.update(system.path_info(dest), path=dest)
    return wrote


# --- what is sent ----------------------------------------------------------------------------------------------


def _body(options, system, headers):
    if options.src:
        if options.content_attachment:
            return system.attachment(options.content_attachment).read()
        return system.read_bytes(options.src)
    if options.body is None:
        return None
    given = {name.lower() for name in options.headers or {}}
    if options.body_format == "form-multipart":
        kind, data = _multipart(system, options.body)
    else:
        kind, data = _FORMATS[options.body_format](options.body)
    if kind and "content-type" not in given:
        headers["Content-Type"] = kind
    return data


def _raw(body):
    import json

    text = body if isinstance(body, str) else json.dumps(body)
    return None, text.encode("utf-8", "surrogateescape")


def _json(body):
    import json

    text = body if isinstance(body, str) else json.dumps(body)
    return "application/json", text.encode("utf-8", "surrogateescape")


def _form(body):
    from urllib.parse import urlencode

    if isinstance(body, str):
        return "application/x-www-form-urlencoded", body.encode("utf-8", "surrogateescape")
    pairs = [tuple(pair) for pair in (body.items() if isinstance(body, dict) else body)]
    text = urlencode(pairs, doseq=True)
    return "application/x-www-form-urlencoded", text.encode("ascii")


def _multipart(system, body):
    """Each field is a text, or a mapping with content or filename, and mime_type."""
    if not isinstance(body, dict):
        raise Failed("body_format=form-multipart needs a mapping as its body")
    boundary = "orchestra" + os.urandom(12).hex()
    parts = [_part(system, name, value) for name, value in body.items()]
    lines = [b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts]
    content = b"".join(lines) + b"--" + boundary.encode() + b"--\r\n"
    return 'multipart/form-data; boundary="{}"'.format(boundary), content


def _part(system, name, value):
    head = 'Content-Disposition: form-data; name="{}"'.format(name)
    if not isinstance(value, dict):
        return (head + "\r\n\r\n").encode("utf-8") + str(value).encode("utf-8", "surrogateescape")
    filename = value.get("filename")
    kind = value.get("mime_type")
    if filename:
        head += '; filename="{}"'.format(os.path.basename(filename))
        if kind is None:
            import mimetypes

            kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    head += "\r\nContent-Type: " + (kind or "text/plain")
    return (head + "\r\n\r\n").encode("utf-8") + _part_content(system, name, value)


def _part_content(system, name, value):
    """What a field of a form holds: its text, a file that the controller sent, or one of the host."""
    if value.get("content") is not None:
        return str(value["content"]).encode("utf-8", "surrogateescape")
    if value.get("attachment"):
        return system.attachment(value["attachment"]).read()
    if not value.get("filename"):
        raise Failed("field {!r} needs content or filename".format(name))
    return system.read_bytes(value["filename"])


_FORMATS = {"raw": _raw, "json": _json, "form-urlencoded": _form}
