"""The version that we behave like: Ansible's `module_utils.ansible_release`."""

__version__ = "2.19.0"
__author__ = "Orchestra"
__codename__ = "Orchestra"
