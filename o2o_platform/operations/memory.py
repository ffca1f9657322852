"""What the C library keeps of memory that is free: glibc's settings; other libraries are left as they are."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3
LARGE_BYTES = 1 << 20


def return_large_blocks() -> None:
    """Blocks of a megabyte and more go back to the system when freed.

    glibc otherwise comes to keep what the largest sort took, an eighth of a process with a million trims.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Return what is free now: a fifth of the process after all cars have been read."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
