"""Between camelCase and snake_case, and merging: Ansible's `common.dict_transformations`."""

import re
from copy import deepcopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _snake(name: "str", reversible: "bool" = False) -> "str":
    if reversible:
        return re.sub(r"[A-Z]", lambda match: "_" + match.group(0).lower(), name)
    name = re.sub(r"(ARN|[A-Z]{2,}s)$", lambda match: "_" + match.group(0).lower(), name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return re.sub(r"_{2,}", "_", name) if not name.startswith("_") else name[1:] if name[1:2] != "_" else name


_camel_to_snake = _snake


def camel_dict_to_snake_dict(camel_dict: "Any", reversible: "bool" = False, ignore_list: "Any" = ()) -> "Any":
    """Keys as snake_case, all through; what is below a key of `ignore_list` stays as it is."""
    if isinstance(camel_dict, list):
        return [camel_dict_to_snake_dict(item, reversible, ignore_list) for item in camel_dict]
    if not isinstance(camel_dict, dict):
        return camel_dict
    return {
        _snake(key, reversible): value
        if key in ignore_list
        else camel_dict_to_snake_dict(value, reversible, ignore_list)
        for key, value in camel_dict.items()
    }


def _camel(name: "str", capitalize_first: "bool" = False) -> "str":
    first, *rest = name.split("_")
    words = [word.capitalize() or "_" for word in rest]
    return "".join([first.capitalize() if capitalize_first else first, *words])


_snake_to_camel = _camel


def snake_dict_to_camel_dict(snake_dict: "Any", capitalize_first: "bool" = False) -> "Any":
    """Keys as camelCase, all through."""
    if isinstance(snake_dict, list):
        return [snake_dict_to_camel_dict(item, capitalize_first) for item in snake_dict]
    if not isinstance(snake_dict, dict):
        return snake_dict
    return {
        _camel(key, capitalize_first): snake_dict_to_camel_dict(value, capitalize_first)
        for key, value in snake_dict.items()
    }


def dict_merge(a: "Any", b: "Any") -> "Any":
    """`a` with `b` on top; mappings within are merged too."""
    if not isinstance(b, dict):
        return b
    merged = deepcopy(a)
    for key, value in b.items():
        inner = merged.get(key)
        merged[key] = dict_merge(inner, value) if isinstance(inner, dict) else deepcopy(value)
    return merged


def recursive_diff(dict1: "Any", dict2: "Any") -> "Any":
    """What each has that the other has not, as a pair; None when they are the same."""
    if not all(isinstance(one, dict) for one in (dict1, dict2)):
        raise TypeError("Unable to diff {} with {}. Both must be a dictionary".format(dict1, dict2))
    left = {key: deepcopy(value) for key, value in dict1.items() if key not in dict2}
    right = {key: deepcopy(value) for key, value in dict2.items() if key not in dict1}
    for key in set(dict1) & set(dict2):
        one, other = dict1[key], dict2[key]
        if isinstance(one, dict) and isinstance(other, dict):
            inner = recursive_diff(one, other)
            if inner:
                left[key], right[key] = inner
        elif one != other:
            left[key], right[key] = one, other
    return (left, right) if left or right else None
