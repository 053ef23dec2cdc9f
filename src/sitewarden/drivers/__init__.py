"""One folder per protocol or device family; registry.py is the one explicit table of them."""
