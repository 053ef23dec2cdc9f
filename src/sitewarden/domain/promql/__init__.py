"""PromQL: text to tree, and tree with samples to numbers, as Prometheus 2.42 evaluates it. Pure.

Times are microseconds since 1970 UTC; columns are numpy's, a row a series, a column a step.
"""
