"""The YAML of a rulebook: small, without anchors in anchors, no name twice, and never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from huhang.rulebook.faults import Fault, RulebookError, said

LARGEST = 1024 * 1024
"""Bytes of a rulebook; a shipped one has less than a tenth of it."""
ALIASES = 1000
"""How often a rulebook may say what it said elsewhere."""


def read(path: Path) -> Any:
    """What stands in a file. Raises ``RulebookError``."""
    try:
        if path.stat().st_size > LARGEST:
            raise _fault(path, said("larger than %(error)s bytes"), LARGEST)
        return yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506 - a safe loader
    except OSError as error:
        raise _fault(path, said("cannot be read: %(error)s"), error.strerror) from None
    except RecursionError:
        raise _fault(path, said("no YAML: %(error)s"), "nested too deeply") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _fault(path, said("no YAML: %(error)s"), error) from None


class _Plain(yaml.SafeLoader):
    """Refuses a name that stands twice in a mapping (YAML itself would keep the last, silently), and
    anchors within anchors, with which a few lines hold millions of values. A scalar that is not what it looks like (the
    30th of February) stays text, so that the rule that needs another kind says so with its field."""

    anchored = 0
    aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            self.aliases += 1
            if self.anchored or self.aliases > ALIASES:
                problem = "an anchor within an anchor, or used too often"
                raise yaml.YAMLError(f"{problem} {event.start_mark}")
            return super().compose_node(parent, index)
        opened = bool(event.anchor)
        self.anchored += opened
        node = super().compose_node(parent, index)
        self.anchored -= opened
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, AttributeError):
            if not isinstance(node, yaml.ScalarNode):
                raise
            self.recursive_objects.pop(node, None)
            return str(node.value)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _value in node.value:
            problem = ""
            if not isinstance(key, yaml.ScalarNode):
                problem = "a name must be a word"
            elif key.value in seen:
                problem = f"{key.value!r} stands twice"
            if problem:
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _fault(path: Path, words: str, error: Any) -> RulebookError:
    return RulebookError([Fault(str(path), "", words, {"error": " ".join(str(error).split())})])
