"""Runners of the flow. A rule is never written here: an engine only reads, calls a stage's function, and writes."""
