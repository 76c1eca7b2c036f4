"""Every key of a manifest, by its schema: type, limits, sites, default and example."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from nicobatch import language
from nicobatch.manifest import schema_text
from nicobatch.model import DEFAULT_SITE
from nicobatch.sites.description import Site
from tests.support.docs.markdown import WORDS, code, fence, page, plain, said, table

_BOUNDS: Final = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "exclusiveMaximum")
_LIMITS: Final = (
    *("title", "description", "tags", "tag_width", "picture", "containers", "file_size"),
    "duration",
)
_JAPANESE: Final = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff]")
_BREAK: Final = re.compile(r"(?<=\.) (?:/ )?")
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """Writes the page of one schema."""

    sites: Mapping[str, Site]
    schema: Part = field(default_factory=lambda: json.loads(schema_text()))

    def page(self) -> str:
        """Return the page, in the chosen language."""
        parts = self.schema["definitions"]
        top = parts["batch"]["properties"]
        video = {key: each for key, each in parts["video"]["properties"].items() if key != "sites"}
        common = {key: each for key, each in video.items() if key not in self.sites}
        return page(
            f"# {said('manifest', 'title')}",
            said("manifest", "lead"),
            f"## {said('manifest', 'limits')} {{#limits}}",
            self._limits(),
            f"## {said('manifest', 'top')} {{#top}}",
            *self._keys(top, parts["single"].get("required", ["version"])),
            "### `x-…` {#x}",
            plain(translated(parts["batch"]["patternProperties"]["^x-"]["description"])),
            f"## {said('manifest', 'video')} {{#video}}",
            said("manifest", "video-lead"),
            *self._keys(common, parts["complete"]["required"]),
            *(block for each in self.sites.values() for block in self._site(each, common)),
        )

    def _site(self, site: Site, common: Mapping[str, Part]) -> Iterator[str]:
        block = self.schema["definitions"][f"site-{site.name}"]["properties"]
        shared = [key for key in block if key in common and key not in site.own]
        words = {"site": site.name, "common": ", ".join(map(code, shared))}
        yield f"## {said('manifest', 'site').format(site=site.label)} {{#{site.name}}}"
        yield said("manifest", "site-lead").format(**words)
        own = {key: each for key, each in block.items() if key not in common and key != "account"}
        if above := [key for key in site.own if key in common]:
            keys = ", ".join(f"[{code(key)}](#{key})" for key in above)
            yield said("manifest", "own").format(site=site.label, keys=keys)
        yield from self._keys(own, (), prefix=f"{site.name}.")

    def _keys(
        self, keys: Mapping[str, Part], needed: Sequence[str], prefix: str = "", level: int = 3
    ) -> Iterator[str]:
        for key, given in keys.items():
            part = self._resolved(given)
            if "title" not in part:  # a site's name, as a key
                continue
            name = f"{prefix}{key}"
            yield f"{'#' * level} {code(name)} {{#{anchor(name)}}}"
            yield self._told(name, part, is_needed=key in needed)
            yield _example(key, part)
            for inner in self._alternatives(part):
                inside, required = self._inside(inner)
                yield from self._keys(inside, required, f"{name}.", min(level + 1, 5))

    def _resolved(self, part: Part) -> Part:
        reference = part.get("$ref")
        return self.schema["definitions"][reference.rpartition("/")[2]] if reference else part

    def _alternatives(self, part: Part) -> list[Part]:
        return [self._resolved(each) for each in part.get("anyOf", (part,))]

    def _inside(self, part: Part) -> tuple[Mapping[str, Part], Sequence[str]]:
        """Return the keys of a mapping, or of a list's mappings, which are no video's again."""
        inner = self._resolved(part.get("items", part))
        if "file" in inner.get("properties", {}) and "tags" in inner["properties"]:
            return {}, ()
        is_known = inner.get("type") == "object" and "tags" not in inner.get("properties", {})
        return (inner.get("properties", {}) if is_known else {}), inner.get("required", ())

    def _told(self, name: str, part: Part, *, is_needed: bool) -> str:
        title, words = translated(part["title"]), translated(part["description"])
        lines = [f"**{plain(title)}**: {plain(words)}", ""]
        facts = {
            "type": said("manifest", "or").join(
                dict.fromkeys(map(self._type, self._alternatives(part)))
            ),
            "needed": "✓" if is_needed else "",
            "only": self._only(name),
            "default": code(_flow(part["default"])) if "default" in part else "",
            "values": ", ".join(map(code, self._values(part))),
            "bounds": ", ".join(dict.fromkeys(self._bounds(part))),
            "form": ", ".join(dict.fromkeys(self._forms(part))),
        }
        lines += [f"- {said('manifest', key)}: {value}" for key, value in facts.items() if value]
        return "\n".join(lines)

    def _only(self, name: str) -> str:
        """Say which sites have the key, and of one that is over, that it is."""
        home = self.sites[DEFAULT_SITE]
        key = name.partition(".")[0]
        if key in home.ended:
            return f"{home.label} ({said('manifest', 'ended')})"
        own = {each.name for each in home.fields if each.kind}
        return home.label if key in home.own or name in own else ""

    def _type(self, part: Part) -> str:
        kind = str(part.get("type", "string"))
        if kind != "array":
            return said("manifest", kind)
        items = self._alternatives(part["items"])
        return said("manifest", "of").format(
            items=said("manifest", "or").join(map(self._type, items))
        )

    def _values(self, part: Part) -> list[str]:
        found = self._alternatives(part)
        items = (self._resolved(each["items"]) for each in found if "items" in each)
        return [_flow(value) for each in (*found, *items) for value in each.get("enum", ())]

    def _bounds(self, part: Part) -> Iterator[str]:
        for each in self._alternatives(part):
            for inner in (each, self._resolved(each.get("items", {}))):
                for key in _BOUNDS:
                    if inner.get(key) not in {None, 1} or (key == "minimum" and key in inner):
                        yield said("manifest", key).format(n=inner[key])
            if each.get("uniqueItems"):
                yield said("manifest", "uniqueItems")

    def _forms(self, part: Part) -> Iterator[str]:
        for each in self._alternatives(part):
            for inner in (each, self._resolved(each.get("items", {}))):
                if words := inner.get("patternErrorMessage"):
                    yield plain(translated(words))

    def _limits(self) -> str:
        described = self.sites.values()
        rows = (
            [said("manifest", f"limit-{name}"), *(_limit(each, name) for each in described)]
            for name in _LIMITS
        )
        return table([said("manifest", "limit"), *(each.label for each in described)], rows)


def _limit(site: Site, name: str) -> str:
    value = getattr(site.limits, name)
    match value:
        case None:
            return "–"
        case tuple():
            return "×".join(map(str, value))
        case frozenset():
            return ", ".join(sorted(value))
    return f"{value:,}"


def anchor(name: str) -> str:
    """Return the name of a key's place on the page: `publish-at`."""
    return name.replace(".", "-")


def translated(text: str) -> str:
    """Return what the schema says in English and Japanese in the chosen language."""
    english, japanese = halves(text)
    match language.chosen():
        case "ja":
            return japanese
        case "zh":
            return chinese(english)
    return english


def chinese(english: str) -> str:
    """Return it in Chinese: a row's from the catalogue, what is common from its own table."""
    found = gettext.translation(language.DOMAIN, language.FOLDER, ["zh"]).gettext(english)
    return str(WORDS["schema"].get(english, found)) if found == english else found


def halves(text: str) -> tuple[str, str]:
    """Return the English and the Japanese of what the schema says."""
    if text.count(" / ") == 1 and not _BREAK.search(text.partition(" / ")[0] + " "):
        english, _slash, japanese = text.partition(" / ")
        return english, japanese
    first = _JAPANESE.search(text)
    breaks = [each for each in _BREAK.finditer(text) if first and each.end() <= first.start()]
    return (text[: breaks[-1].start()], text[breaks[-1].end() :]) if breaks else (text, text)


def _example(key: str, part: Part) -> str:
    shown = [f"{key}: {_flow(each)}" for each in part.get("examples", ()) if each not in ({}, [])]
    return (
        fence("yaml", f"\n# {said('manifest', 'or').strip(' ，')}\n".join(shown)) if shown else ""
    )


def _flow(value: object) -> str:
    """Return the value as YAML on one line."""
    shown = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return shown.removesuffix("\n").removesuffix("\n...").strip()
