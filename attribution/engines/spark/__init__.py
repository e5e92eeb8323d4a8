"""The flow on Spark: Spark splits the input, shuffles by each stage's key and calls the very same stages on the buckets.

Nothing heavy is imported here: an executor's Python imports this module before its environment is set.
"""
