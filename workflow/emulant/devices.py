"""Devices of a job, and tasks spread over them."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

__all__ = ["devices", "in_order"]

Task = TypeVar("Task")
Worker = TypeVar("Worker")
Result = TypeVar("Result")


def devices() -> list[str]:
    """List every GPU that this process may see (`configuration.gpu.give` hides the others), or the CPU; torch's names."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return [f"cuda:{number}" for number in range(count)] or ["cpu"]


def in_order(
    function: Callable[[Task, Worker], Result], tasks: Iterable[Task], workers: Sequence[Worker]
) -> Iterator[Result]:
    """Compute function(task, worker) of every task, in the order of the tasks; each of n workers has every n-th of them.

    A worker is a device, or a model on one, with a thread of its own, so that generation overlaps with writing. Results
    must not depend on which worker ran a task. No more than two tasks a worker are ahead of the one that is asked for, so
    memory does not grow with their number. The CPU alone has no thread more than its job asked for.
    """
    if len(workers) == 1 and devices() == ["cpu"]:
        yield from (function(task, workers[0]) for task in tasks)
        return
    waiting: deque[Future[Result]] = deque()
    with contextlib.ExitStack() as stack:
        threads = [stack.enter_context(ThreadPoolExecutor(1)) for _ in workers]
        for number, task in enumerate(tasks):
            turn = number % len(workers)
            waiting.append(threads[turn].submit(function, task, workers[turn]))
            if len(waiting) > 2 * len(workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
