"""A Python whose wall clock can be moved while it runs, and that of the guards it starts.

No process may set the clock of the machine for a test, and namespaces know no wall clock of their
own. So a library stands before the C library's, and adds what a file says to the wall clock, and
to no other. Times of files stay those of the kernel.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long moved(void) {
    long seconds = 0;
    FILE *file = fopen(getenv("CLOCK_FILE"), "re");
    if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += moved();
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}
"""


@dataclass
class Clock:
    python: Path
    """What to start; as sys.executable it starts guards in the same way."""
    _file: Path

    def move(self, seconds: int) -> None:
        """Let the wall clock be so much ahead of the true one."""
        beside = self._file.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(self._file)


def make_clock(folder: Path) -> Clock:
    """Build such a Python in *folder*, over the packages of this one; needs a C compiler."""
    compiler = shutil.which("cc")
    assert compiler, "a C compiler is needed to move a clock"
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    home, true_home = folder / "python", Path(sys.prefix)
    (home / "bin").mkdir(parents=True)
    shutil.copy(true_home / "pyvenv.cfg", home)
    (home / "lib").symlink_to(true_home / "lib")
    python, offset = home / "bin" / "python", folder / "moved"
    real = os.path.realpath(sys.executable)
    python.write_text(
        f'#!/bin/bash\nexport LD_PRELOAD={library} CLOCK_FILE={offset}\nexec -a "$0" {real} "$@"\n'
    )
    python.chmod(0o755)
    clock = Clock(python, offset)
    clock.move(0)
    return clock
