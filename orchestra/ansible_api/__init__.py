"""Our own implementation of the names that projects' Python imports from Ansible."""
