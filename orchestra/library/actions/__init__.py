"""What the controller's own actions and words accept: declarations in the form of modules, without a ``plan``.

What they do is in engine/actions/ (engine/meta.py; language/ for imports). Nothing imports these files by name: they
are found and loaded by path, as modules are, so that documentation, checks and actions have one source.
"""
