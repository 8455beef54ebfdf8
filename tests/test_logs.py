import ast
import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from orchestrator import logs

SOURCE = Path(__file__).parent.parent / "orchestrator"
TOKEN = "9b7d6c1e-2f40-4a53-8e61-0c5a7d4b3f12"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    level, lines = root.level, list(root.handlers)
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.setLevel(level)
    root.handlers = lines


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(style="json", stream=stream)
    logs.remember_secret(TOKEN)
    return stream


def last(stream: io.StringIO) -> dict[str, object]:
    return json.loads(stream.getvalue().splitlines()[-1])


def fail_with_a_token_at_hand(token: str, text: str) -> None:
    held = f"another variable with {token}"
    raise RuntimeError(text or held[:0])


def test_an_event_is_one_json_line_with_time_level_and_bound_context(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(host="lab_01", run=7):
        structlog.get_logger().info("run.claimed", test="Login")

    event = last(stream)
    assert str(event.pop("timestamp")).endswith("Z")
    assert event == {
        "event": "run.claimed",
        "level": "info",
        "host": "lab_01",
        "run": 7,
        "test": "Login",
    }


def test_records_of_libraries_take_the_same_way(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(host="lab_01"):
        logging.getLogger("aiohttp.client").warning("closed %s with %s", "it", TOKEN)

    event = last(stream)
    assert str(event.pop("timestamp")).endswith("Z")
    assert event == {
        "event": "closed it with ***",
        "level": "warning",
        "host": "lab_01",
        "logger": "aiohttp.client",
    }


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("run.claimed")
    logging.getLogger("asyncio").debug("selector")

    assert stream.getvalue() == ""


def test_configuring_again_replaces_the_first_stream(stream: io.StringIO) -> None:
    second = io.StringIO()
    logs.configure(style="json", level="debug", stream=second)

    structlog.get_logger().debug("run.claimed")
    logging.getLogger("asyncio").debug("selector")

    assert stream.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 2


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="loud"):
        logs.configure(level="loud", stream=io.StringIO())


def test_auto_is_for_people_on_a_terminal_and_json_elsewhere() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        logs.configure(stream=stream)
        structlog.get_logger().info("run.claimed", test="Login")

    assert "run.claimed" in terminal.getvalue()
    assert not terminal.getvalue().lstrip().startswith("{")
    assert last(file)["event"] == "run.claimed"


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("text", ["", f"refused {TOKEN}"])
def test_exceptions_show_neither_locals_nor_secrets(style: logs.Style, text: str) -> None:
    stream = io.StringIO()
    logs.configure(style=style, stream=stream)
    unremembered = "a-secret-that-nobody-remembered"
    logs.remember_secret(TOKEN)
    try:
        fail_with_a_token_at_hand(unremembered, text)
    except RuntimeError:
        structlog.get_logger().exception("run.crashed")
        logging.getLogger("asyncio").exception("never retrieved")

    written = stream.getvalue()
    assert written.count("fail_with_a_token_at_hand") >= 2
    assert unremembered not in written
    assert TOKEN not in written


class Answer:
    """Stands for what libraries log: its text holds the request's headers."""

    def __str__(self) -> str:
        return f"<Answer {TOKEN}>"


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_corner_of_an_event_keeps_a_secret(style: logs.Style) -> None:
    stream = io.StringIO()
    logs.configure(style=style, stream=stream)
    logs.remember_secret(TOKEN)
    basic = base64.b64encode(f"207:{TOKEN}".encode()).decode()

    structlog.get_logger().info(
        "host.refused",
        nested={"headers": [{"Authorization": f"Basic {basic}"}, (TOKEN,), {TOKEN}]},
        raw=TOKEN.encode(),
        path=Path("/") / TOKEN,
        error=ValueError(f"no {TOKEN}"),
        answer=Answer(),
        **{TOKEN: 1},
    )

    assert TOKEN not in stream.getvalue()
    assert basic[6:30] not in stream.getvalue()
    assert stream.getvalue().count("***") == 8


def test_a_number_that_is_a_secret_is_masked_and_others_stay_numbers(stream: io.StringIO) -> None:
    logs.remember_secret("8812734512")

    structlog.get_logger().info("run.claimed", secret=8812734512, run=7, ready=True)

    event = last(stream)
    assert (event["secret"], event["run"], event["ready"]) == ("***", 7, True)


def test_a_container_that_holds_itself_is_still_written(stream: io.StringIO) -> None:
    loop: list[object] = [TOKEN]
    loop.append(loop)

    structlog.get_logger().info("run.claimed", loop=loop)

    assert last(stream)["event"] == "run.claimed"
    assert TOKEN not in stream.getvalue()


def test_a_line_that_cannot_be_written_shows_nothing_of_itself(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger().handlers = []  # pytest's own raise
    logs.configure(style="json", stream=stream)

    logging.getLogger("aiohttp").info("%d", TOKEN)

    assert last(stream) == {
        "level": "error",
        "event": "log.failed",
        "error": "TypeError",
        "logger": "aiohttp",
    }
    assert capsys.readouterr().err == ""


def events_in(source: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        target = node.func.value
        if not (isinstance(target, ast.Name) and target.id in {"log", "logger"}):
            continue
        if node.func.attr in LEVELS and node.args:
            for literal in ast.walk(node.args[0]):
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    yield literal.value, node.lineno


def test_every_event_in_the_source_is_in_the_list() -> None:
    sources = [
        path
        for path in SOURCE.rglob("*.py")
        if not {"standin", "demo"} & set(path.relative_to(SOURCE).parts)
    ]
    unknown = [
        f"{path.name}:{line}: {event}"
        for path in sources
        for event, line in events_in(path)
        if event not in logs.EVENTS
    ]
    assert sources
    assert unknown == []


def test_a_console_shows_the_head_of_a_servers_document_and_a_json_log_all_of_it() -> None:
    written = {}
    for style in ("console", "json"):
        stream = io.StringIO()
        logs.configure(style=style, stream=stream)  # type: ignore[arg-type] # one of two literals
        logs.remember_secret(TOKEN)
        structlog.get_logger().info("run.listed", document="y" * 52 + TOKEN + "x" * 5000)
        written[style] = stream.getvalue()

    assert len(written["console"]) < 300
    assert " characters)" in written["console"]
    assert TOKEN[:6] not in written["console"] + written["json"]
    assert "x" * 5000 in written["json"]
