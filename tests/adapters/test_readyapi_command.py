from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from adapters import readyapi
from adapters.base import AdapterError, Automation, Tool, ToolAdapter, Workspace
from adapters.readyapi.project import Selection, projects_of, selection

RUNNER = ("/opt/SoapUI-5.7.2/bin/testrunner.sh",)
READY = ("/opt/ReadyAPI-3.50/bin/testrunner.sh",)
BATCH = (r"C:\Program Files\SmartBear\ReadyAPI-3.50\bin\testrunner.bat",)
FIXED = ("-r", "-j", "-J", "-f", "/w/results")


def place(*files: str, flavour: type[PurePath] = PurePosixPath) -> Workspace:
    root = "C:/w" if flavour is PureWindowsPath else "/w"
    paths = tuple(flavour(file) for file in files or ("shop.xml",))
    folders = (flavour(f"{root}/{name}") for name in ("script", "results", "tmp"))
    return Workspace(*folders, paths)


def argv(
    title: str = "",
    params: dict[str, str] | None = None,
    *,
    executable: tuple[str, ...] = RUNNER,
    where: Workspace | None = None,
    context: dict[str, str] | None = None,
    access_key: str = "",
    **options: tuple[str, ...],
) -> tuple[str, ...]:
    automation = Automation(title, params or {}, context=context or {})
    tool = Tool(executable, 60, options, access_key)
    return readyapi.build_command(automation, tool, where or place()).argv


def test_the_module_is_an_adapter_for_the_agent_of_the_api() -> None:
    adapter: ToolAdapter = readyapi

    assert adapter.AGENT == "ReadyAPI / SoapUI OS"
    assert adapter.RESULT_FILES == ("TEST-*.xml",)
    assert adapter.VERSION_ARGUMENTS == ()


def test_a_whole_project_is_run() -> None:
    assert argv() == (*RUNNER, *FIXED, "/w/script/shop.xml")


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("Orders", ("-s", "Orders")),
        (r"Orders\pay by card", ("-s", "Orders", "-c", "pay by card")),
        (r"shop\Orders", ("-s", "Orders")),
        (r"Shop Project\Orders\pay", ("-s", "Orders", "-c", "pay")),
        (r"shop.xml\Orders\pay", ("-s", "Orders", "-c", "pay")),
        (r" shop \ Orders \ ", ("-s", "Orders")),
        (r"shop\\pay", ("-c", "pay")),
        ("shop", ()),
        ("SHOP", ()),
        (r"Orders\GET /orders?id=1&b=50%", ("-s", "Orders", "-c", "GET /orders?id=1&b=50%")),
    ],
)
def test_a_title_selects_project_suite_and_case(title: str, options: tuple[str, ...]) -> None:
    assert argv(title)[1:] == (*options, *FIXED, "/w/script/shop.xml")


def test_quotes_and_blanks_inside_a_name_pass() -> None:
    assert argv('Orders\\say "hi" & it\'s')[1:5] == ("-s", "Orders", "-c", 'say "hi" & it\'s')


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("-S", "would become an option"),
        ("Orders\\-I", "would become an option"),
        ("Orders\\a%20b", "%20"),
        ('"Orders"', "double quote"),
        ("Orders\0", "NUL"),
        (r"a\b\c\d", "too many parts"),
    ],
)
def test_a_title_that_the_runner_would_read_otherwise_is_refused(title: str, why: str) -> None:
    with pytest.raises(AdapterError, match=why):
        argv(title)


def test_parameters_are_project_properties_after_those_of_the_profile() -> None:
    given = argv(
        params={"user": "a b=c; $(id)", "empty": ""},
        project_properties=("user=x", "stage=qa"),
        global_properties=("g=1",),
        system_properties=("http.proxyHost=p",),
    )

    assert given[6:-1] == (
        "-P", "user=x", "-P", "stage=qa", "-G", "g=1", "-D", "http.proxyHost=p",
        "-P", "user=a b=c; $(id)", "-P", "empty=",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "a=b", "-x", " a", "a\nb", '"a', "a\0"])
def test_a_parameter_with_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(AdapterError, match="cannot be the name of a parameter"):
        argv(params={name: "1"})


@pytest.mark.parametrize("value", ['a"', "a\0b"])
def test_a_parameter_that_would_not_arrive_whole_is_refused(value: str) -> None:
    with pytest.raises(AdapterError, match=r"double quote|NUL"):
        argv(params={"a": value})


def test_the_context_is_given_as_global_properties_as_far_as_it_can_pass() -> None:
    context = {"run_id": "4410", "test_name": 'say "hi"', "test_set": "a\0", "release": "1 0"}

    assert argv(context=context)[6:-1] == (
        "-G", "labfleet.run_id=4410", "-G", "labfleet.release=1 0",
    )  # fmt: skip


def test_endpoint_host_and_settings_come_from_the_profile() -> None:
    given = argv(endpoint=("http://a/b",), host=("a:1",), settings_file=("/etc/s.xml",))

    assert given[6:-1] == ("-e", "http://a/b", "-h", "a:1", "-t", "/etc/s.xml")


def test_readyapi_gets_its_key_environment_and_tags() -> None:
    tags = ("TestCase smoke, fast", "TestSuite nightly")

    given = argv(executable=READY, access_key="key-1", environment=("QA",), tags=tags)

    assert given[6:-1] == (
        "-K", "key-1", "-E", "QA", "-T", "TestCase smoke, fast", "-T", "TestSuite nightly",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("executable", "options"),
    [
        (("/opt/SmartBear/SoapUI-Pro-5.1.2/bin/testrunner.sh",), {}),
        (("/usr/local/bin/run-api-tests",), {}),
        (RUNNER, {"edition": ("readyapi",)}),
        (BATCH, {}),
    ],
)
def test_what_may_be_readyapi_may_have_a_key(
    executable: tuple[str, ...], options: dict[str, tuple[str, ...]]
) -> None:
    assert "-K" in argv(executable=executable, access_key="k", **options)


@pytest.mark.parametrize(
    ("executable", "options"),
    [(RUNNER, {}), (READY, {"edition": ("SoapUI",)}), (("t",), {"edition": ("soapui",)})],
)
def test_soapui_gets_nothing_that_only_readyapi_knows(
    executable: tuple[str, ...], options: dict[str, tuple[str, ...]]
) -> None:
    for name in ("environment", "tags"):
        with pytest.raises(AdapterError, match=f"SoapUI OS knows no {name}"):
            argv(executable=executable, **options, **{name: ("QA",)})
    with pytest.raises(AdapterError, match="SoapUI OS knows no access_key"):
        argv(executable=executable, access_key="secret", **options)


def test_an_unknown_edition_and_a_doubled_option_are_refused() -> None:
    with pytest.raises(AdapterError, match="edition is 'pro'"):
        argv(edition=("pro",))
    with pytest.raises(AdapterError, match="endpoint takes one word, not 2"):
        argv(endpoint=("a", "b"))


def test_the_runner_is_ended_when_it_asks_for_a_licence() -> None:
    command = readyapi.build_command(Automation(""), Tool(READY, 60), place())

    assert command.stop_on == ("Please enter absolute path of the license file",)


def test_a_windows_machine_gets_windows_paths() -> None:
    where = place("sub/shop.xml", flavour=PureWindowsPath)

    given = argv("Orders", executable=BATCH, where=where)

    assert given[-1] == r"C:\w\script\sub\shop.xml"
    assert given[7] == r"C:\w\results"


@pytest.mark.parametrize("bad", ['a"b', "a%PATH%", "a&calc", "a|b", "a>b", "a<b", "a^b", "a\nb"])
def test_nothing_from_the_server_is_read_by_the_shell_of_a_batch_file(bad: str) -> None:
    for title, params in ((bad, {}), (f"Orders\\{bad}", {}), ("", {"a": bad})):
        with pytest.raises(AdapterError, match="batch file"):
            argv(title, params, executable=BATCH)
    with pytest.raises(AdapterError, match="batch file"):
        argv(executable=BATCH, where=place(f"{bad}.xml", flavour=PureWindowsPath))
    assert "-G" not in argv(executable=BATCH, context={"test_name": bad})


def test_a_results_folder_that_the_runner_would_misread_is_refused() -> None:
    folder = PurePosixPath("/w")
    where = Workspace(folder, folder / "a%20b", folder, (PurePosixPath("shop.xml"),))

    with pytest.raises(AdapterError, match="%20"):
        argv(where=where)


@pytest.mark.parametrize(
    ("files", "projects"),
    [
        (("shop.xml",), ["shop.xml"]),
        (("shop.XML", "README.md"), ["shop.XML"]),
        (("sub/shop.xml", "sub/data/a.xml"), ["sub/shop.xml"]),
        (("shop-soapui-project.xml", "data.xml"), ["shop-soapui-project.xml"]),
        (("Shop-readyapi-project.xml", "data.xml"), ["Shop-readyapi-project.xml"]),
        (("a.xml", "b.xml"), ["a.xml", "b.xml"]),
        (("a.xml", "soapui-settings.xml", "pom.xml"), ["a.xml"]),
        (("shop/settings.xml", "shop/Orders/pay.xml"), ["shop"]),
        (("settings.xml", "project.content", "Orders/settings.xml", "Orders/pay.xml"), ["."]),
        (("shop/settings.xml", "shop/Orders/settings.xml", "notes.txt"), ["shop"]),
    ],
)
def test_a_project_is_a_file_or_a_composite_folder(
    files: tuple[str, ...], projects: list[str]
) -> None:
    assert projects_of([PurePosixPath(file) for file in files]) == [
        PurePosixPath(one) for one in projects
    ]


def test_a_composite_project_at_the_top_is_the_scripts_folder() -> None:
    where = place("settings.xml", "Orders/pay.xml")

    assert argv("Orders", where=where)[-1] == "/w/script"


def test_a_script_without_a_project_is_refused() -> None:
    with pytest.raises(AdapterError, match="holds no project"):
        argv(where=place("README.md", "pom.xml"))


def test_the_title_says_which_of_several_projects() -> None:
    files = [PurePosixPath(f"{name}-soapui-project.xml") for name in ("My-Shop", "Depot")]

    assert selection(r"my shop\Orders", files) == Selection(files[0], "Orders")
    assert selection("Depot", files) == Selection(files[1])
    for title in ("", "Orders", r"Other\Orders\pay"):
        with pytest.raises(AdapterError, match="holds 2 projects"):
            selection(title, files)


def test_a_title_that_fits_two_projects_is_refused() -> None:
    files = [PurePosixPath("My Shop.xml"), PurePosixPath("my-shop.xml")]

    with pytest.raises(AdapterError, match="holds 2 projects"):
        selection("My Shop", files)
