"""The devices of a job, and work that is spread over them."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

__all__ = ["devices", "in_order"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def devices() -> list[str]:
    """Every GPU that this process may see (`configuration.gpu.give` hides the others), or the CPU; torch's names."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return [f"cuda:{number}" for number in range(count)] or ["cpu"]


def in_order(
    function: Callable[[Task, str], Result], tasks: Iterable[Task], devices: Sequence[str]
) -> Iterator[Result]:
    """function(task, device) of every task, in the order of the tasks, each device busy with every n-th of them.

    A thread for each device: what a task returns must not depend on the device. No more than two tasks a device are
    ahead of the one that is asked for, so memory does not grow with the number of tasks.
    """
    if len(devices) == 1:
        yield from (function(task, devices[0]) for task in tasks)
        return
    waiting: deque[Future[Result]] = deque()
    with contextlib.ExitStack() as stack:
        hands = [stack.enter_context(ThreadPoolExecutor(1)) for _ in devices]
        for number, task in enumerate(tasks):
            place = number % len(devices)
            waiting.append(hands[place].submit(function, task, devices[place]))
            if len(waiting) > 2 * len(devices):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
