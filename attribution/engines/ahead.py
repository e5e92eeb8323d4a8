"""Tasks run side by side, their results in order and never many of them waiting: a large file is not held in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
WORKERS: Final = 2
"""Tasks running at once; each uses all cores part of the time."""


def nothing() -> None:
    """Do nothing: nobody waits for the last task to start."""


def in_order(
    work: Callable[[Task], Result], tasks: Iterable[Task], all_in_work: Callable[[], None] = nothing
) -> Iterator[Result]:
    """What `work` makes of each task, in the tasks' order; a few are started before they are asked for.

    Args:
        work: What is done to each.
        tasks: The tasks.
        all_in_work: Called when every task has been started; the last are still running.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        all_in_work()
        while waiting:
            yield waiting.popleft().result()
