"""Spoil each text of the tables at the top of the readers' modules, one at a time.

mutmut changes functions only, and what a word means stands in tables. Run it in a copy of the
sources, which it writes to. It prints each text whose loss no quick test notices.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

READERS = Path("adapters/formats")
PYTEST = [sys.executable, "-m", "pytest", "-xqq", "-p", "no:cacheprovider", "--noconftest"]
PYTEST += ["-k", "not memory and not bomb and not too_many and not very_many"]
SLOW = ("_real.py", "_size.py", "_properties.py")


def texts(source: str) -> Iterator[ast.Constant]:
    """Give the texts in assignments of a module, but for those that are assigned alone."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            for node in ast.walk(statement.value):
                alone = node is statement.value
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and not alone:
                    yield node


def spoilt(source: str, text: ast.Constant) -> str:
    """Give *source* with another text in the place of one."""
    lines = source.encode().splitlines(keepends=True)
    before = sum(map(len, lines[: text.lineno - 1])) + text.col_offset
    after = sum(map(len, lines[: (text.end_lineno or 0) - 1])) + (text.end_col_offset or 0)
    whole = b"".join(lines)
    return (whole[:before] + repr(f"XX{text.value}XX").encode() + whole[after:]).decode()


def quick_tests() -> list[str]:
    """Name the test files that import the readers and take no long time."""
    paths = sorted(Path("tests/adapters").glob("test_*.py"))
    quick = [path for path in paths if not path.name.endswith(SLOW)]
    return [str(path) for path in quick if "from adapters.formats" in path.read_text()]


def noticed(tests: list[str]) -> bool:
    """Whether one of *tests* fails."""
    if not tests:
        return False
    ran = subprocess.run([*PYTEST, *tests], check=False, capture_output=True)
    return ran.returncode != 0


def main() -> None:
    """Try every text: with the tests of its dialect first, with all of them if those pass."""
    tests = quick_tests()
    assert not noticed(tests), "the tests fail as it is"
    tried = unnoticed = 0
    for path in sorted(READERS.rglob("*.py")):
        source = path.read_text()
        own = [name for name in tests if f"test_{path.parent.name}" in name]
        for text in texts(source):
            tried += 1
            path.write_text(spoilt(source, text))
            if not noticed(own) and not noticed(tests):
                unnoticed += 1
                sys.stdout.write(f"{path}:{text.lineno}: {str(text.value)[:70]!r}\n")
                sys.stdout.flush()
        path.write_text(source)
    sys.stdout.write(f"{tried} texts, {unnoticed} unnoticed\n")


if __name__ == "__main__":
    main()
