"""Several processes of one training, one for each device; the first is the job's own."""

import gc
import logging
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import LightningEnvironment
from lightning_fabric.plugins.environments.lightning import find_free_network_port
from torch.multiprocessing.spawn import ProcessException, spawn

__all__ = ["sharing", "together"]

WATCH, GRACE = 1.0, 10.0
"""Seconds between looks at the other processes, which cost nothing, and seconds in which a process may end by itself before
it is ended: closing a group of processes takes one or two."""


class Rank(LightningEnvironment):
    """One of several processes on this machine that are there already, whatever the scheduler's variables say.

    Arguments:
        rank: its number, from 0.
        port: where the first process listens.
    """

    creates_processes_externally = True
    main_address = "127.0.0.1"
    main_port = 0

    def __init__(self, rank: int, port: int) -> None:
        super().__init__()
        self.rank, self.main_port = rank, port

    def local_rank(self) -> int:
        """Its number."""
        return self.rank

    def node_rank(self) -> int:
        """There is one machine."""
        return 0


def sharing(shards: int, devices: Sequence[str]) -> list[str]:
    """As many of `devices` as can share `shards` equal parts of a batch evenly, from the first.

    Raises:
        ValueError: where there is no device at all.
    """
    if not devices:
        raise ValueError("a training needs a device")
    most = max(count for count in range(1, len(devices) + 1) if shards % count == 0)
    return list(devices[:most])


def together(function: Callable[..., Any], devices: Sequence[str], precision: str, *arguments: Any) -> Any:
    """Call function(fabric, *arguments) in one process for each device; returns what it returns in this one, the first.

    The other processes end with this one, and this one with them. What they are given travels through a pipe, so that
    no memory is shared: small /dev/shm of containers are no limit.

    Arguments:
        function: of a module, so that other processes find it by name.
        devices: as torch names them, all of one kind; where there is one only, no process is started.
        precision: of Lightning Fabric.
        arguments: what can be pickled.

    Raises:
        Exception: of `function` in this process. A failure in another is printed, and ends this process.
    """
    if len(devices) == 1:
        return function(_fabric(devices, precision, LightningEnvironment()), *arguments)
    port, ended = find_free_network_port(), threading.Event()
    call = pickle.dumps((function, list(devices), precision, port, arguments))
    others = spawn(_another, (call,), nprocs=len(devices) - 1, join=False)
    threading.Thread(target=_end_with_others, args=(others, ended), daemon=True).start()
    try:
        result = function(_fabric(devices, precision, Rank(0, port)), *arguments)
        ended.set()
        # Everything is here: who stays longer is killed below.
        others.join(timeout=GRACE)
        return result
    except RuntimeError:
        # A reduction that fails here says only that another process has gone; that one knows why.
        ended.set()
        others.join(timeout=GRACE)
        raise
    finally:
        ended.set()
        for process in others.processes:
            process.kill()
        _leave()


def _fabric(devices: Sequence[str], precision: str, environment: LightningEnvironment) -> Fabric:
    """A Fabric that was launched: this process knows the others."""
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    kind = torch.device(devices[0]).type
    numbers = [torch.device(device).index or 0 for device in devices]
    fabric = Fabric(
        accelerator=kind,
        devices=len(devices) if kind == "cpu" else numbers,
        strategy="ddp" if len(devices) > 1 else "auto",
        precision=precision,
        plugins=[environment],
    )
    fabric.launch()
    return fabric


def _another(index: int, call: bytes) -> None:
    """The body of process `index` + 1."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    function, devices, precision, port, arguments = pickle.loads(call)
    function(_fabric(devices, precision, Rank(index + 1, port)), *arguments)
    _leave()


def _leave() -> None:
    """End the process group after everything else that holds it.

    Gloo's threads may need Python's lock before they end. The gradient reducer, if it is the last to hold the group,
    keeps the lock while it waits for them; the group's own end lets it go
    (https://github.com/pytorch/pytorch/pull/154976).
    """
    if torch.distributed.is_initialized():
        gc.collect()
        torch.distributed.destroy_process_group()


def _end_with_parent(parent: int) -> None:
    """A first process that was killed leaves nobody who waits for it."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)


def _end_with_others(others: Any, ended: threading.Event) -> None:
    """Say why another process failed, and leave, where this one goes on waiting for it in a reduction."""
    while not ended.wait(WATCH):
        try:
            others.join(timeout=0)
        except ProcessException:
            if not ended.wait(GRACE):
                traceback.print_exc()
                os._exit(1)
