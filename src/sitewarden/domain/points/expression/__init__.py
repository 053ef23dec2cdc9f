"""Expressions over values: text to a closed tree, and the tree to a value with its quality. No input makes them raise. Pure."""
