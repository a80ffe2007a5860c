"""The client in the first comment of include/wiretale/endpoint.h compiles, and has at most twenty lines."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 20
HEAD = """#include "wiretale/endpoint.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
void example(int fd);
void example(int fd)
{
    struct wt_error why;
"""


def main(root, *compiler):
    header = (Path(root) / "include/wiretale/endpoint.h").read_text(encoding="utf-8")
    comment = header[: header.index("*/")]
    lines = [m.group(1) for m in re.finditer(r"^ \* {5}(.*)$", comment, re.M)]
    if not lines or len(lines) > MOST:
        print(f"endpoint.h: the example has {len(lines)} lines, not 1 to {MOST}")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "example.c"
        source.write_text(HEAD + "\n".join(lines) + "\n}\n", encoding="utf-8")
        done = subprocess.run([*compiler, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                               f"-I{root}/include", str(source)], check=False)
    return done.returncode


sys.exit(main(*sys.argv[1:]))
