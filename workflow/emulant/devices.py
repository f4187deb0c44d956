"""The devices of a job, and work that is spread over them."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

__all__ = ["devices", "in_order"]

Task = TypeVar("Task")
Place = TypeVar("Place")
Result = TypeVar("Result")


def devices() -> list[str]:
    """Every GPU that this process may see (`configuration.gpu.give` hides the others), or the CPU; torch's names."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return [f"cuda:{number}" for number in range(count)] or ["cpu"]


def in_order(
    function: Callable[[Task, Place], Result], tasks: Iterable[Task], places: Sequence[Place]
) -> Iterator[Result]:
    """function(task, place) of every task, in the order of the tasks; each of n places has every n-th of them.

    A place is a device, or what lives on one, and has a thread of its own, so that GPUs work while what they made is
    written: what a task returns must not depend on it. No more than two tasks a place are ahead of the one that is asked
    for, so memory does not grow with their number. The CPU alone has no thread more than its job asked for.
    """
    if len(places) == 1 and devices() == ["cpu"]:
        yield from (function(task, places[0]) for task in tasks)
        return
    waiting: deque[Future[Result]] = deque()
    with contextlib.ExitStack() as stack:
        hands = [stack.enter_context(ThreadPoolExecutor(1)) for _ in places]
        for number, task in enumerate(tasks):
            turn = number % len(places)
            waiting.append(hands[turn].submit(function, task, places[turn]))
            if len(waiting) > 2 * len(places):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
