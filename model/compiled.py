"""Compile the rules of a month with Numba, and keep the machine code between runs, never a stale one.

Numba's own cache looks only at the file of the cached function: after an edit in a file that the
function calls, it silently returns old results. Here the cache folder is named by a hash of every source
of the model, the versions and the processor, so an edit anywhere starts an empty folder; and nothing is
kept if a source changed while the program was running.

The folder is in `.cache/numba/` of the repository, or in `NUMBA_CACHE_DIR`. Where it cannot be written,
functions are compiled afresh in each process. A function outside `model/` may use `jit` if all that it
calls is in its own file or in `model/`.
"""

import contextlib
import hashlib
import os
import pickle
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, InTreeCacheLocator
from numba.core.runtime import rtsys
from threadpoolctl import threadpool_limits

F = TypeVar("F", bound=Callable[..., Any])

MODEL = Path(__file__).resolve().parent
# Matrices are small here: threads of linear algebra would wait for each other, burning what the lives need.
threadpool_limits(1, "blas")

FOLDERS_KEPT = 8  # so that going back to an earlier version of the code is quick
NOT_COMPILED_IN = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_DEBUG_CACHE")


def fingerprint() -> str:
    """Return a hash of what compiled code depends on: the model's sources, versions, processor, options."""
    digest = hashlib.sha256()
    options = {name: value for name, value in os.environ.items() if name.startswith("NUMBA_")}
    machine = (
        sys.version,
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        platform.machine(),
        llvmlite.binding.get_host_cpu_name(),
        llvmlite.binding.get_host_cpu_features().flatten(),
        sorted((name, value) for name, value in options.items() if name not in NOT_COMPILED_IN),
    )
    digest.update(repr(machine).encode())
    for path in sorted(MODEL.rglob("*.py")):
        digest.update(f"\0{path.relative_to(MODEL).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def open_folder(name: str) -> Path | None:
    """Return the cache folder of that name, made if need be, or None where nothing can be written.

    Only the folders used last are kept; a process that still runs on an older one compiles afresh.
    """
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or MODEL.parent / ".cache" / "numba").absolute()
    folder = root / f"eclaircie-{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        tempfile.TemporaryFile(dir=folder).close()
        by_last_use = sorted(root.glob("eclaircie-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for old in by_last_use[FOLDERS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


FINGERPRINT = fingerprint()
FOLDER = open_folder(FINGERPRINT)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the cache folder: two processes must not give one file name to two signatures."""
    with open(f"{FOLDER}/lock", "ab") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX)
        yield


class Locator(InTreeCacheLocator):
    """Where the machine code of a function lies: the folder of this fingerprint, by folder of its source."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        super().__init__(function, file)
        self._cache_path = f"{FOLDER}/{self.get_suitable_cache_subpath(file)}"


class CacheFiles(CompileResultCacheImpl):
    """Numba's way to write compiled functions, kept to the one place above."""

    _locator_classes = (Locator,)


class Cache(FunctionCache):
    """Numba's cache of a function, which never fails and never keeps code of changed sources."""

    _impl_class = CacheFiles

    def __init__(self, function: Callable[..., Any], use: str) -> None:
        super().__init__(function)
        self._use = use

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        return self._use, super()._index_key(signature, codegen)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the compiled function kept for a signature, or None.

        Numba first reads the registries of all that can be compiled (0.4 s). Kept code needs of it the memory system
        alone; before a function is compiled they are read in any case.
        """
        rtsys.initialize(target)
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError), locked():
            return self._load_overload(signature, target)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled function, unless a source changed since this process began."""
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError), locked():
            if fingerprint() == FINGERPRINT:
                super().save_overload(signature, compiled)


def plain(kind: Any) -> Any:
    """Return the type an argument is compiled for: constants, codes of an enumeration and int32 are all int64."""
    kind = numba.types.unliteral(kind)
    if isinstance(kind, numba.types.IntEnumMember):
        kind = kind.dtype
    return numba.types.int64 if kind == numba.types.int32 else kind


@overload
def jit(function: F, /) -> F: ...


@overload
def jit(**options: Any) -> Callable[[F], F]: ...


def jit(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Compile a function, as `@jit` or `@jit(inline="always")`; a division by zero gives inf or nan.

    Compiled functions release the interpreter lock, so threads run side by side. Rules are small and called
    every month, so LLVM merges them into the loop that calls them (half as fast again); nobody takes their
    address, so they need no C wrapper (shorter compile). With NUMBA_DISABLE_JIT=1 the function stays plain Python.

    Compiled code calls a version that Python cannot call: the wrapper that reads a call's records from Python takes
    longer to compile than most rules, and is made for what Python does call only. That version is one for all kinds
    of integer (see `plain`).
    """
    if function is None:
        return lambda later: jit(later, **options)
    settings = {"nogil": True, "error_model": "numpy", "forceinline": True, "no_cfunc_wrapper": True} | options
    outside: Any = numba.njit(**settings)(function)
    if numba.config.DISABLE_JIT:
        return outside
    inside: Any = numba.njit(no_cpython_wrapper=True, **settings)(function)
    outside.get_call_template = lambda args, kws: inside.get_call_template(
        [plain(kind) for kind in args], {name: plain(kind) for name, kind in kws.items()}
    )
    outside.get_overload = inside.get_overload
    if FOLDER is not None:
        outside._cache, inside._cache = (Cache(function, use) for use in ("Python", "compiled code"))
    return outside
