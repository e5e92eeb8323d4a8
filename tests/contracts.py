"""Finds the contract of a table or report."""

from importlib import import_module

from attribution.schemas.contract import Table


def contract(name: str) -> type[Table]:
    """The contract that the schema file of this name holds."""
    module = import_module(f"attribution.schemas.{name}")
    found: type[Table] = getattr(module, "".join(part.capitalize() for part in name.split("_")))
    return found
