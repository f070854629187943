"""What is committed: known folders, settings that are documented, nothing that belongs to one machine."""

import json
import re

from tests.support.repository import ROOT, committed_files, production_modules, short

FOLDERS = {"webapp", "migrations", "tasks", "seed", "tests", "docs", ".ci"}
# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(
    "|".join(["/" + "work/", "/" + r"root/\w", "/" + r"home/\w+/", "/" + r"Users/\w+/", r"\.\./" + "shared"])
)
REGISTRY_HOSTS = re.compile(r"(pypi|npmjs|npmmirror|pythonhosted|jsdelivr|unpkg)" + r"\.(org|com|net)", re.IGNORECASE)
DOUBTS = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X:"]))
BINARY = {".png", ".jpg", ".jpeg", ".webp", ".woff2", ".ico", ".mo"}


def offending_lines(pattern: re.Pattern[str]) -> list[str]:
    """Lines of committed text files that match."""
    return [
        f"{short(path)}:{number}: {line.strip()[:120]}"
        for path in committed_files()
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_top_level_folders_are_the_ones_agreed() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in committed_files() if path.parent != ROOT}
    assert found <= FOLDERS


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not offending_lines(MACHINE_PATHS)


def test_no_file_names_a_package_registry() -> None:
    assert not offending_lines(REGISTRY_HOSTS)


def test_no_file_puts_work_off() -> None:
    assert not offending_lines(DOUBTS)


def test_the_front_end_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert not [name for name, package in packages.items() if "resolved" in package or "integrity" not in package]


def test_every_locked_python_package_has_a_hash() -> None:
    locks = [(ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-test.txt")]
    lines = [line for lock in locks for line in lock.replace("\\\n", " ").splitlines() if line and line[0] != "#"]
    assert not [line[:60] for line in lines if "==" not in line or "--hash=sha256:" not in line]


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in production_modules())
    fields = re.search(r"class Settings:.*?(?=\n    @|\n    def |\nclass )", source, re.DOTALL)
    assert fields
    known = {f"LANTIAN_{name.upper()}" for name in re.findall(r"^    (\w+):", fields.group(), re.MULTILINE)}
    for readme in ("README.md", "README.zh-CN.md"):
        documented = set(re.findall(r"LANTIAN_[A-Z_]+[A-Z]", (ROOT / readme).read_text(encoding="utf-8")))
        assert known <= documented, f"{readme} does not mention {sorted(known - documented)}"
        strangers = {name for name in documented - known if not name.startswith(("LANTIAN_TEST_", "LANTIAN_REQUIRE_"))}
        assert not strangers, f"{readme} mentions settings that do not exist"
