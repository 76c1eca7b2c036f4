"""Seasons: made, listed, and archives put into them and taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from nicobatch.sites.bilibili.sandbox import answers
from nicobatch.sites.bilibili.sandbox.records import Archive, Season
from nicobatch.sites.bilibili.sandbox.review import state

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from nicobatch.sites.bilibili.sandbox.records import Session
    from nicobatch.sites.bilibili.sandbox.site import Site

_WEB: Final = "/x2/creative/web"


def routes(site: Site) -> Blueprint:
    """Return the calls of seasons."""
    blueprint = Blueprint("bilibili_seasons", __name__)
    seasons = _Seasons(site)
    for method, path, call, view in (
        ("GET", f"{_WEB}/seasons", "seasons", seasons.seasons),
        ("GET", f"{_WEB}/season", "season", seasons.season),
        ("GET", f"{_WEB}/season/section", "section", seasons.section),
        ("POST", f"{_WEB}/season/add", "season-add", seasons.add),
        ("POST", f"{_WEB}/season/section/episodes/add", "episodes-add", seasons.put),
    ):
        site.rule(blueprint, method, path, call, view)
    return blueprint


class _Seasons:
    def __init__(self, site: Site) -> None:
        self._site = site

    def seasons(self) -> ResponseReturnValue:
        """Return the account's seasons, newest first, a side at a time."""
        session, given = self._site.member(), request.args
        number, size = given.get("pn", 1, int), given.get("ps", 30, int)
        if number < 1 or size < 1:
            raise answers.refused(-400, detail="pn and ps are from 1")
        mine = list(self._site.records.all(Season, session.user_id))[::-1]
        shown = [_listed(season) for season in mine[(number - 1) * size : number * size]]
        return answers.ok({"seasons": shown, "total": len(mine), "tip": {}})

    def season(self) -> ResponseReturnValue:
        """Return a season; a number that a rehearsal brings from the real site is one, too."""
        session, number = self._site.member(), request.args.get("id", 0, int)
        if number < 1:
            raise answers.refused(-400, detail="id is the season's")
        records = self._site.records
        with records.lock:
            mine = records.all(Season, session.user_id)
            season = next((each for each in mine if each.number == number), None)
            if season is None:
                title = f"合集 {number}"
                season = records.make(Season, user_id=session.user_id, asked=number, title=title)
        return answers.ok(_listed(season))

    def section(self) -> ResponseReturnValue:
        """Return a section's archives, in order."""
        season = self._section(self._site.member(), request.args.get("id", type=int))
        episodes = [
            self._episode(season, order, each) for order, each in enumerate(season.episodes, 1)
        ]
        return answers.ok({"section": _section(season), "episodes": episodes})

    def add(self) -> ResponseReturnValue:
        """Make a season, with one section."""
        form = request.form
        session = self._site.writer(form.get("csrf"))
        title = form.get("title", "").strip()
        if not title or "season_price" not in form:
            raise answers.refused(-400, detail="title and season_price are needed")
        season = self._site.records.make(
            Season,
            user_id=session.user_id,
            title=title,
            desc=form.get("desc", ""),
            cover=form.get("cover", ""),
        )
        return answers.ok(season.number)

    def put(self) -> ResponseReturnValue:
        """Put archives at a section's end."""
        session = self._site.writer(request.args.get("csrf"))
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("episodes"), list):
            raise answers.refused(-400, detail="sectionId, episodes and csrf, as JSON")
        with self._site.records.lock:
            season = self._section(session, body.get("sectionId"))
            added = tuple(self._checked(session, each) for each in body["episodes"])
            self._site.records.put(replace(season, episodes=(*season.episodes, *added)))
        return answers.ok()

    def _checked(self, session: Session, episode: object) -> Mapping[str, Any]:
        """Return what is kept of an archive that is put into a section."""
        if not isinstance(episode, dict) or not {"aid", "cid", "title"} <= episode.keys():
            raise answers.refused(-400, detail="an episode has aid, cid and title")
        archive = self._site.own(session, episode["aid"])
        if episode["cid"] not in {page.cid for page in archive.pages}:
            raise answers.refused(-400, detail="cid is no page of the archive")
        for season in self._site.records.all(Season, session.user_id):
            if any(each["aid"] == archive.id for each in season.episodes):
                raise answers.refused(-400, detail="the archive is in a season already")
        kept = {name: episode[name] for name in ("aid", "cid", "title")}
        return {"id": archive.id + 1_000_000, **kept}

    def _section(self, session: Session, number: object) -> Season:
        for season in self._site.records.all(Season, session.user_id):
            if season.section_id == number:
                return season
        raise answers.refused(-404)

    def _episode(self, season: Season, order: int, episode: Mapping[str, Any]) -> Mapping[str, Any]:
        archive = self._site.archive(episode["aid"])
        assert isinstance(archive, Archive)  # noqa: S101 - none is ever removed
        return {
            **episode,
            "bvid": archive.bvid,
            "seasonId": season.number,
            "sectionId": season.section_id,
            "order": order,
            "archiveTitle": archive.title,
            "archiveState": state(archive, self._site),
        }


def _listed(season: Season) -> Mapping[str, Any]:
    facts = {
        "id": season.number,
        "title": season.title,
        "desc": season.desc,
        "cover": season.cover,
        "mid": season.user_id,
        "ep_num": len(season.episodes),
        "state": 0,
    }
    return {"season": facts, "sections": {"sections": [_section(season)], "total": 1}}


def _section(season: Season) -> Mapping[str, Any]:
    return {
        "id": season.section_id,
        "seasonId": season.number,
        "title": "正片",
        "type": 1,
        "order": 1,
        "epCount": len(season.episodes),
    }
