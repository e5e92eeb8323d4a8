"""Why the cluster could not do a stage, in a sentence: Spark's own account is pages of Java."""

import re
from typing import Final

from attribution.errors import AttributionError, UsageError

MISSING: Final = re.compile(r"(?:ModuleNotFoundError: No module named|Cannot run program) ['\"]([^'\"]+)")
OTHER: Final = re.compile(r"OtherVersionError: (.+)")
PYTHON: Final = "PYTHON_VERSION_MISMATCH"
RAISED: Final = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt|Exit))(?::|$)", re.MULTILINE)
SAME: Final = (
    "Every executor needs this package, and the same versions as the driver; PYSPARK_PYTHON names their Python "
    "(docs/scale.md)."
)


class ClusterError(AttributionError):
    """A stage failed on the cluster, and Spark's retries with it. Exit code 1."""


def explained(error: Exception, stage: str) -> AttributionError:
    """The error to raise in place of Spark's.

    Args:
        error: What PySpark raised.
        stage: What was being done.

    Returns:
        A `UsageError` where the executors' Python is at fault; else a `ClusterError` that names the kind of error, but
        not its message, which may hold a value of the data.
    """
    text = str(error)
    if found := MISSING.search(text):
        return UsageError(f"the executors have no {found.group(1)}. {SAME}")
    if found := OTHER.search(text):
        return UsageError(f"the executors have {found.group(1)}. {SAME}")
    if PYTHON in text:
        return UsageError(f"the executors run another version of Python than the driver. {SAME}")
    kinds = RAISED.findall(text) or [type(error).__name__]
    return ClusterError(f"{stage}: Spark gave up on it, after its retries, for {kinds[-1]}.")
