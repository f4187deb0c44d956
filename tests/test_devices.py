import threading

from emulant.devices import devices, in_order


def test_there_is_a_device():
    assert devices()


def test_tasks_come_back_in_order_from_all_devices():
    ahead = threading.Semaphore(0)

    def work(task, device):
        # The first task is the last to end.
        ahead.acquire() if task == 0 else ahead.release()
        return task, device

    assert list(in_order(work, range(7), ["a", "b"])) == [(task, "ab"[task % 2]) for task in range(7)]
    assert list(in_order(lambda task, device: (task, device), range(3), ["a"])) == [
        (0, "a"),
        (1, "a"),
        (2, "a"),
    ]


def test_one_gpu_works_while_its_results_are_used(monkeypatch):
    """The second task begins while nobody has asked for more than the first."""
    begun = threading.Event()

    def work(task, device):
        if task == 1:
            begun.set()
        return task

    monkeypatch.setattr("emulant.devices.devices", lambda: ["cuda:0"])
    results = in_order(work, range(5), ["cuda:0"])
    assert next(results) == 0
    assert begun.wait(timeout=60)
    assert list(results) == [1, 2, 3, 4]
