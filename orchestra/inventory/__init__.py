"""From inventory sources to one frozen Inventory."""
