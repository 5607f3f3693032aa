"""What style sheets in a page and style attributes say about being seen, struck out, raised or a block."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

_READ = frozenset(
    "display visibility opacity font-size position left right top clip clip-path text-indent text-decoration "
    "text-decoration-line vertical-align white-space list-style list-style-type mso-hide mso-list content "
    "counter-reset counter-increment counter-set".split()
)
_DECLARATION = re.compile(r"\s*([\w-]+)\s*:\s*([^;]+)")
_ZERO = re.compile(r"[+-]?0*\.?0*(px|pt|em|rem|%)?")
_FAR = re.compile(r"-\d{3,}(\.\d+)?(px|em|rem|pt)?|-100(vw|vh|%)")
_COMPOUND = re.compile(r"^(?P<tag>[\w-]+|\*)?(?P<rest>([.#][\w-]+|\[[^\]]*\])*)$")
_ATTRIBUTE = re.compile(r"\[\s*([\w-]+)\s*(?:([~^$*|]?=)\s*[\"']?([^\"'\]]*)[\"']?\s*)?\]")
_GENERATED = re.compile(r"::?(before|marker)$", re.IGNORECASE)
_COUNTED = ("content", "counter-reset", "counter-increment", "counter-set")
_UNSEEN_CLASSES = frozenset("sr-only visually-hidden screen-reader-text visuallyhidden element-invisible".split())
_STRUCK_CLASSES = frozenset(
    "line-through text-decoration-line-through text-line-through strikethrough strike-through strike msodel".split()
)
_MAX_RULES = 5_000
_MAX_STEPS = 5_000_000  # ancestors looked at for descendant selectors, over the whole page


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str
    id: str
    classes: frozenset[str]
    direct: bool  # whether it must be the parent of what follows
    attributes: tuple[tuple[str, str, str], ...] = ()  # name, operator, value


@dataclass(frozen=True, slots=True)
class _Rule:
    rank: tuple[int, int, int, int]
    chain: tuple[_Compound, ...]  # the element's own part last
    declarations: tuple[tuple[str, str, bool], ...]


@dataclass(slots=True)
class Styles:
    """The rules of one page, found by what the last part of their selector names."""

    by_key: dict[str, list[_Rule]] = field(default_factory=dict)
    steps: int = 0
    generated: dict[str, Styles] = field(default_factory=dict)  # what stands "before" elements, and for their "marker"

    def of(self, node: Any, *, inline: bool = True) -> dict[str, str]:
        """The properties that are read here, for one element, lower-case; without `inline` not those of its own."""
        own = node.get("style") if inline else None
        if not self.by_key and not own:
            return {}
        classes = frozenset((node.get("class") or "").split())
        keys = [node.tag, "*", *(f".{name}" for name in classes)]
        if node.get("id"):
            keys.append(f"#{node.get('id')}")
        rules = [rule for key in keys for rule in self.by_key.get(key, ()) if self._matches(rule, node)]
        found: dict[str, str] = {}
        firm: dict[str, str] = {}
        for rule in sorted(rules, key=lambda one: one.rank):
            for name, value, important in rule.declarations:
                (firm if important else found)[name] = value
        for name, value in _DECLARATION.findall(own or ""):
            if name.lower() in _READ:
                found[name.lower()] = value.replace("!important", "").strip().lower()
        return found | firm

    def _matches(self, rule: _Rule, node: Any) -> bool:
        if not _fits(rule.chain[-1], node):
            return False
        above = node.getparent()
        for at in range(len(rule.chain) - 2, -1, -1):
            wanted = rule.chain[at]
            while above is not None and not _fits(wanted, above):
                self.steps += 1
                if wanted.direct or self.steps > _MAX_STEPS:
                    return False
                above = above.getparent()
            if above is None:
                return False
            above = above.getparent()
        return True


def styles_of(tree: Any) -> Styles:
    """The rules in a page's <style> elements which say something that is read here."""
    styles = Styles()
    source = "\n".join(node.text or "" for node in tree.iter("style"))
    if not any(word in source for word in _READ):
        return styles
    import tinycss2

    order = 0
    sheet = list(tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True))
    for rule in sheet:
        if rule.type == "at-rule" and rule.content is not None and _applies(rule):
            sheet += tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        if rule.type != "qualified-rule":
            continue
        declarations = _declarations(tinycss2.parse_blocks_contents(rule.content))
        if not declarations:
            continue
        for selector in tinycss2.serialize(rule.prelude).split(","):
            generated = _GENERATED.search(selector.strip())
            chain = _chain(_GENERATED.sub("", selector.strip()))
            if not chain or order >= _MAX_RULES:
                continue
            order += 1
            if generated is None:
                _file(styles, chain, declarations, order)
            elif any(name in _COUNTED for name, _, _ in declarations):
                _file(styles.generated.setdefault(generated[1].lower(), Styles()), chain, declarations, order)
    return styles


def _applies(rule: Any) -> bool:
    """Whether the rules in an at-rule hold on a wide screen."""
    import tinycss2

    if rule.at_keyword in ("supports", "layer"):
        return True
    asked = tinycss2.serialize(rule.prelude).strip().lower()
    wide = "min-width" in asked and not re.search(r"max-width|print|\bnot\b", asked)
    return rule.at_keyword == "media" and (asked in ("screen", "all") or wide)


def _declarations(content: Any) -> tuple[tuple[str, str, bool], ...]:
    import tinycss2

    return tuple(
        (one.lower_name, value if one.lower_name == "content" else value.lower(), one.important)
        for one in content
        if one.type == "declaration" and one.lower_name in _READ
        for value in (tinycss2.serialize(one.value).strip(),)
    )


def _chain(selector: str) -> tuple[_Compound, ...]:
    """A selector of tags, classes, ids, descendants and children; () for any other."""
    parts: list[_Compound] = []
    for piece in selector.replace(">", " > ").split() if '" ' not in selector else ():
        if piece == ">":
            if not parts:
                return ()
            last = parts[-1]
            parts[-1] = replace(last, direct=True)
            continue
        found = _COMPOUND.match(piece)
        if found is None:
            return ()
        names = re.findall(r"[.#][\w-]+", re.sub(r"\[[^\]]*\]", "", found["rest"]))
        attributes = tuple(_ATTRIBUTE.findall(found["rest"]))
        if len(attributes) != found["rest"].count("["):
            return ()
        ids = [name[1:] for name in names if name[0] == "#"]
        tag = (found["tag"] or "").lower().replace("*", "")
        classes = frozenset(name[1:] for name in names if name[0] == ".")
        parts.append(_Compound(tag, ids[0] if ids else "", classes, False, attributes))
    return tuple(parts)


def _file(
    styles: Styles, chain: tuple[_Compound, ...], declarations: tuple[tuple[str, str, bool], ...], order: int
) -> None:
    ids, classes = sum(bool(one.id) for one in chain), sum(len(one.classes) + len(one.attributes) for one in chain)
    rule = _Rule((ids, classes, sum(bool(one.tag) for one in chain), order), chain, declarations)
    last = chain[-1]
    key = f"#{last.id}" if last.id else f".{min(last.classes)}" if last.classes else last.tag or "*"
    styles.by_key.setdefault(key, []).append(rule)


def _fits(wanted: _Compound, node: Any) -> bool:
    if (wanted.tag and wanted.tag != node.tag) or (wanted.id and wanted.id != node.get("id")):
        return False
    if not all(_has(node.get(name), operator, value) for name, operator, value in wanted.attributes):
        return False
    return not wanted.classes or wanted.classes <= frozenset((node.get("class") or "").split())


def _has(given: str | None, operator: str, value: str) -> bool:
    """Whether an attribute is as a selector asks for it."""
    if given is None or not operator:
        return given is not None
    if operator == "=":
        return given == value
    if operator == "~=":
        return value in given.split()
    if operator == "|=":
        return given == value or given.startswith(f"{value}-")
    found = {"^=": given.startswith, "$=": given.endswith, "*=": given.__contains__}[operator]
    return bool(value) and found(value)


def is_unseen(node: Any, style: dict[str, str]) -> bool:
    """Whether a reader of the page does not see the element."""
    if node.get("hidden") is not None and style.get("display", "none") == "none":
        return True
    if _UNSEEN_CLASSES & set((node.get("class") or "").split()):
        return True
    if not style:
        return False
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if style.get("mso-hide") == "all" or _is_zero(style.get("opacity")) or _is_zero(style.get("font-size")):
        return True
    if _FAR.fullmatch(style.get("text-indent", "")):
        return True
    if style.get("position") in ("absolute", "fixed"):
        if any(_FAR.fullmatch(style.get(side, "")) for side in ("left", "right", "top")):
            return True
        clip = re.sub(r"[\s,]|px", "", style.get("clip", ""))
        return clip in ("rect(0000)", "rect(1111)") or style.get("clip-path", "").startswith(
            ("inset(50%", "inset(100%")
        )
    return False


def is_struck(node: Any, style: dict[str, str]) -> bool:
    """Whether the words are struck through; some class names say so, though their style sheet is elsewhere."""
    if _STRUCK_CLASSES & set((node.get("class") or "").lower().split()):
        return True
    return "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", "")


def _is_zero(value: str | None) -> bool:
    return bool(value and _ZERO.fullmatch(value))
