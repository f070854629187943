"""Read one YAML file of a pack into plain values, remembering the line of each.

Only what a pack needs is understood: mappings with text keys, lists, text, whole numbers, decimals (exact, never
floats), true/false, null and ISO dates. Aliases, tags, duplicate keys, deep nesting and large files are refused, so
that a hostile file costs neither memory nor a traceback. `on`, `yes` and `off` are words, not booleans.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from seed.problems import PackError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
MAX_TEXT = 5_000

Path_ = tuple[str | int, ...]
_PLAIN_TAG = "tag:yaml.org,2002:str"
_INTEGER = re.compile(r"[-+]?\d{1,15}")
_DECIMAL = re.compile(r"[-+]?\d{1,15}\.\d{1,15}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Source:
    """The values of one file and the line each came from, by path such as `(3, 'due', 'on')`."""

    file: str
    value: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        """The line of the value at `path`, or of the nearest thing around it that was written."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


class _Fault(Exception):
    """A fault at a line, before it is known which file is being read."""

    def __init__(self, line: int, where: str, message: str) -> None:
        super().__init__(message)
        self.line, self.where, self.message = line, where, message


class _Composer(yaml.SafeLoader):
    """PyYAML's safe loader, stopped at the node tree, with nothing resolved and nothing shared."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise _Fault(line, "(file)", "aliases (*name) are not allowed; write the value out")
        if self.depth >= MAX_DEPTH:
            raise _Fault(line, "(file)", f"nested more than {MAX_DEPTH} levels deep; flatten it")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# Plain scalars are told apart by `_scalar`, not by YAML 1.1, for which `on` is true and `1:30` is ninety.
_Composer.yaml_implicit_resolvers = {}


def read_source(path: Path, file: str) -> Source:
    """Read `path`, called `file` in messages. Raises PackError for whatever keeps it from being read."""
    try:
        return _read(path, file)
    except _Fault as fault:
        problem = Problem(file, fault.line, fault.where, fault.message)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem(file, mark.line + 1 if mark else 1, "(file)", f"not valid YAML: {error.problem}")
    except yaml.YAMLError:
        problem = Problem(file, 1, "(file)", "not valid YAML: it holds a character that YAML forbids; remove it")
    except UnicodeDecodeError:
        problem = Problem(file, 0, "(file)", "not UTF-8 text; save it as UTF-8")
    except OSError as error:
        problem = Problem(file, 0, "(file)", f"cannot be read: {error.strerror or 'system error'}")
    raise PackError([problem])


def _read(path: Path, file: str) -> Source:
    if not path.is_file():
        raise _Fault(0, "(file)", "missing, or not an ordinary file; a pack needs it")
    if path.stat().st_size > MAX_BYTES:
        raise _Fault(0, "(file)", f"larger than {MAX_BYTES:,} bytes; split it")
    loader = _Composer(path.read_bytes().decode("utf-8"))
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    source = Source(file)
    if node is not None:
        source.value = _build(node, (), source.lines)
    return source


def _build(node: yaml.Node, path: Path_, lines: dict[Path_, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        _refuse_tag(node, "tag:yaml.org,2002:map", path)
        return _build_mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        _refuse_tag(node, "tag:yaml.org,2002:seq", path)
        return [_build(child, (*path, index), lines) for index, child in enumerate(node.value)]
    _refuse_tag(node, _PLAIN_TAG, path)
    return _scalar(node, path)


def _refuse_tag(node: yaml.Node, expected: str, path: Path_) -> None:
    if node.tag != expected:
        raise _Fault(node.start_mark.line + 1, dotted(path), "tags (!name) are not allowed; write a plain value")


def _build_mapping(node: yaml.MappingNode, path: Path_, lines: dict[Path_, int]) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _Fault(line, dotted(path), "a field's name must be a word")
        key = key_node.value
        if key in built:
            raise _Fault(line, dotted((*path, key)), "written twice; keep one")
        lines[(*path, key)] = line
        built[key] = _build(value_node, (*path, key), lines)
    return built


def _scalar(node: Any, path: Path_) -> Any:
    text: str = node.value
    if len(text) > MAX_TEXT:
        raise _Fault(node.start_mark.line + 1, dotted(path), f"longer than {MAX_TEXT} characters; shorten it")
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return _date(node, path) if _DATE.fullmatch(text) else text


def _date(node: Any, path: Path_) -> date:
    try:
        return date.fromisoformat(node.value)
    except ValueError:
        message = f"{node.value} is not a day of the calendar"
        raise _Fault(node.start_mark.line + 1, dotted(path), message) from None


def dotted(path: Path_) -> str:
    """`(3, 'due', 'on')` as an author reads it: `[4].due.on` (entries count from one)."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part[:60]}" for part in path)
    return text.lstrip(".") or "(file)"
