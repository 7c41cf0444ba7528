"""Fakes and fixtures that ship with the product.

``lab`` starts a throw-away lab of SSH hosts on loopback (``running_lab`` in tests), ``sshserver`` is the SSH server
that stands in for sshd where there is none. They play the outside world and must not know the engine.
"""
