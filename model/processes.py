"""Other processes of this program: they take up what is imported, leave Ctrl-C to it, and end when it does."""

import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

SECONDS_ORPHANED = 1.0  # at most, between the end of the program, however it ends, and that of its processes


def processes(number: int) -> ProcessPoolExecutor:
    """Return a pool of processes, all started.

    Forked (Linux), they have at once all that was imported, compiled and built here; elsewhere they are spawned. The
    only thread that may run here meanwhile draws progress bars: they take nothing that it holds, and print nothing.
    """
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(number, context, initializer=_begin, initargs=(os.getpid(),))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside a thread
        for _ in range(number):
            pool.submit(_nothing)
    return pool


def _begin(program: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(program,), daemon=True).start()


def _end_with(program: int) -> None:
    """End this process when the program has gone: its pool would wait for work for ever."""
    while os.getppid() == program:
        time.sleep(SECONDS_ORPHANED)
    os._exit(1)


def _nothing() -> None:
    """Start a process."""
