"""Looks at a project's text for what works and is better not done so; mends what can be mended without a doubt.

Rules go by the names that ansible-lint gave them where it has the same one, so that a project's ``# noqa`` comments
mean what they meant.
"""
