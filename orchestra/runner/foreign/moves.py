"""Names that moved between Python 2 and 3: six.moves."""

import builtins
import collections
import configparser
import http.client as http_client
import itertools
import queue
import shlex
import urllib.error
import urllib.parse
import urllib.request
from functools import reduce
from io import StringIO

__all__ = ["StringIO", "UserDict", "UserList", "builtins", "configparser", "filter", "filterfalse", "getcwd",
           "http_client", "input", "map", "queue", "range", "reduce", "shlex_quote", "urllib", "xrange", "zip",
           "zip_longest"]  # fmt: skip

from os import getcwd

cStringIO = StringIO  # noqa: N816  six's own name
filter = builtins.filter
input = builtins.input
map = builtins.map
range = builtins.range
xrange = builtins.range
zip = builtins.zip
zip_longest = itertools.zip_longest
filterfalse = itertools.filterfalse
shlex_quote = shlex.quote
UserDict = collections.UserDict
UserList = collections.UserList
