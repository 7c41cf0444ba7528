"""From playbook text to the model; pure."""
