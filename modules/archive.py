"""Pack files and folders of a host into an archive there, or compress one file."""

import os

from orchestra.runner.sdk import (
    Attributes,
    Bool,
    Failed,
    FileOptions,
    List,
    Path,
    Remove,
    SetAttributes,
    Str,
    WriteFile,
    option,
)

NAMES = ("community.general.archive",)
PARTS = ("packing",)


class Options(FileOptions):
    path = option(List, "What is packed: paths, or patterns with * and ?.", elements=Path, required=True)
    format = option(Str, "How it is packed.", default="gz", choices=("bz2", "gz", "tar", "xz", "zip"))
    dest = option(Path, "The archive; a single file's goes beside it where none is named.")
    exclude_path = option(List, "Paths or patterns of those above that stay out.", elements=Path, default=[])
    exclusion_patterns = option(List, "Patterns of names in the archive that stay out.", elements=Path)
    force_archive = option(Bool, "Make an archive of a single file too.", default=False)
    remove = option(Bool, "Remove what was packed.", default=False)


EXAMPLES = """
- name: What the shop has uploaded goes away
  archive:
    path: /srv/shop/uploads
    dest: /srv/backup/uploads.tgz
    exclusion_patterns: ["*.tmp"]
    mode: "0600"
"""

RETURNS = {
    "archived": "what was packed",
    "arcroot": "the folder that names in the archive start from",
    "dest_state": "archive, compress, incomplete or absent",
    "missing": "paths that are not there",
    "expanded_paths": "the paths that were found",
    "expanded_exclude_paths": "those of them that were to stay out",
}


def plan(options, system):
    expanded, excluded = _expand(system, options.path), _expand(system, options.exclude_path)
    paths = sorted(set(expanded) - set(excluded))
    if not paths:
        raise Failed("Error, no source paths were found", expanded_paths=expanded, expanded_exclude_paths=excluded)
    whole = options.force_archive or len(paths) > 1 or system.is_dir(paths[0]) or any(map(_is_pattern, options.path))
    dest = options.dest or _beside(paths[0], options.format, whole)
    _check_removal(options, system, paths, dest)
    targets = [path for path in paths if system.stat(path) is not None]
    root = _root(paths)
    state, archived = "absent", []
    if targets:
        archived = yield from _pack(options, system, targets, root, dest, whole or options.format in ("zip", "tar"))
        state = "incomplete" if whole and len(targets) < len(paths) else "archive" if whole else "compress"
        if not whole and options.format in ("zip", "tar"):
            state = "archive"
    elif system.is_file(dest):
        state = "archive" if _is_archive(dest) else "compress"
        yield SetAttributes(dest, Attributes.of(options))
    return dict(
        system.path_info(dest),
        archived=archived,
        arcroot=root,
        dest=dest,
        dest_state=state,
        missing=[path for path in paths if path not in targets],
        expanded_paths=expanded,
        expanded_exclude_paths=excluded,
    )


def _pack(options, system, targets, root, dest, archive):
    """Make it anew in a private place; the old one stays where it holds the same."""
    from orchestra.runner.parts import packing

    leave = _leaves(options, system, dest) if archive else lambda path, name: False
    members = packing.collect(system, targets, root, leave, follow=options.format == "zip" or not archive)
    if not (members or archive):
        raise Failed("{} is no file; only files are compressed".format(targets[0]), path=targets[0])
    fresh = os.path.join(system.scratch(), "packed")
    if not archive:
        packing.write_compressed(system, fresh, options.format, members[0])
    elif options.format == "zip":
        packing.write_zip(system, fresh, members)
    else:
        packing.write_tar(system, fresh, "" if options.format == "tar" else options.format, members)
    old = packing.contents(dest, options.format, archive=archive) if system.is_file(dest) else None
    if old is not None and old == packing.contents(fresh, options.format, archive=archive):
        yield SetAttributes(dest, Attributes.of(options))
    else:
        yield WriteFile(dest, attributes=Attributes.of(options), source=fresh)
    if options.remove:
        for path in [one for one in targets if system.is_dir(one) or any(one == member.path for member in members)]:
            yield Remove(path)
    return [member.path for member in members]


def _leaves(options, system, dest):
    from fnmatch import fnmatch

    place = system.resolve(dest)

    def leave(path, name):
        said = path if options.format == "zip" else name
        if os.path.basename(path) == os.path.basename(place) and system.resolve(path) == place:
            return True  # the archive itself, by whatever way
        return any(fnmatch(said, pattern) for pattern in options.exclusion_patterns or ())

    return leave


def _is_pattern(path):
    return "*" in path or "?" in path


def _expand(system, paths):
    return [one for path in paths for one in (system.glob(path) if _is_pattern(path) else [path])]


def _root(paths):
    """The folder that all of them are in, with a slash at its end."""
    folders = [os.path.join(os.path.dirname(path), "") for path in paths]
    return os.path.join(os.path.dirname(os.path.commonprefix(folders)), "")


def _beside(path, kind, whole):
    if whole:
        raise Failed('Error, must specify "dest" when archiving multiple files or trees', dest=None)
    return "{}.{}".format(path, kind)


def _is_archive(path):
    return path.lower().endswith((".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".zip"))


def _check_removal(options, system, paths, dest):
    place = system.resolve(dest)
    for path in paths if options.remove else ():
        if system.is_dir(path) and place.startswith(os.path.join(system.resolve(path), "")):
            raise Failed("Error, created archive can not be contained in source paths when remove=true", path=path)
