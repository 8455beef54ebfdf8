"""The shipped Swagger UI is the one that was fetched, and nothing is asked of elsewhere."""

import hashlib
import re
from pathlib import Path

from orchestrator.standin.openapi.documents import DOCUMENTS
from tests.standin.lab import API, Lab

OPENAPI = Path(__file__).parents[2] / "orchestrator" / "standin" / "openapi"
SHIPPED = OPENAPI / "swagger_ui"


def test_every_shipped_file_is_as_it_was_fetched() -> None:
    lines = (SHIPPED / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}

    assert {path.name for path in SHIPPED.iterdir()} == {*sums, "SHA256SUMS", "SOURCE.md"}
    for name, digest in sums.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest, name


def test_the_source_names_the_version_that_is_shipped() -> None:
    source = (SHIPPED / "SOURCE.md").read_text(encoding="utf-8")
    (version,) = re.findall(r"^\| version \| (.+) \|$", source, re.MULTILINE)

    assert f'"{version}"' in (SHIPPED / "swagger-ui-bundle.js").read_text(encoding="utf-8")


def test_the_page_itself_names_no_other_site() -> None:
    for path in (OPENAPI / "page").iterdir():
        assert "//" not in re.sub(r"^\s*// .*$", "", path.read_text("utf-8"), flags=re.MULTILINE)


async def test_the_page_and_its_files_run_no_script_but_their_own(lab: Lab) -> None:
    for path in ("/", "/ui/page.js", "/ui/swagger-ui-bundle.js", "/ui/swagger-ui.css"):
        answer = await lab.call("GET", f"{API}{path}")
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'; " in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_root_without_a_slash_leads_to_the_page(lab: Lab) -> None:
    answer = await lab.call("GET", API)

    assert (answer.status, answer.headers["Location"]) == (302, f"{API}/")


async def test_no_other_file_is_sent(lab: Lab) -> None:
    for name in ("index.html", "SOURCE.md", "..%2Fbasis.py", "%2e%2e%2fpage%2fpage.js"):
        assert (await lab.call("GET", f"{API}/ui/{name}")).status == 404


async def test_every_document_has_its_page_and_each_page_leads_to_all(lab: Lab) -> None:
    for base in DOCUMENTS:
        page = await lab.call("GET", f"{base}/")
        assert page.status == 200
        for other in DOCUMENTS:
            assert f'href="{other}/"' in page.body.decode()
