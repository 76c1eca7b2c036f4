"""Whose a YAML file is: another tool's, or a manifest of ours with whatever mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nicobatch.manifest import Loaded, load
from nicobatch.sites.niconico.fields import SITE
from tests.unit.manifest.reading import NOW

OTHERS = {
    "docker-compose.yml": 'version: "3.8"\nservices:\n  web: {image: nginx}\nvolumes: {a: }\n',
    "old-compose.yml": "version: 1\nservices: {}\n",
    "mkdocs.yml": "site_name: 旅\nnav: [index.md]\n",
    "workflow.yml": "name: CI\non: push\npermissions: {contents: read}\njobs: {}\n",
    "dependabot.yml": "version: 2\nupdates: []\n",
    "logging.yaml": "version: 1\nformatters: {}\nhandlers: {}\nroot: {level: INFO}\n",
    "amplify.yml": "version: 1\nfrontend: {phases: {}}\n",
    "openapi.yaml": "openapi: 3.1.0\ninfo: {title: API, version: 1}\ntags: [{name: a}]\n",
    "Chart.yaml": "apiVersion: v2\nname: c\ndescription: d\nversion: 1\n",
    "pubspec.yaml": "name: app\ndescription: d\nversion: 1.0.0\n",
    "_config.yml": "title: blog\ndescription: d\npermalink: /:title\n",
    "electron-builder.yml": "files: ['dist/*']\npublish: {provider: github}\n",
    "playbook.yml": "- hosts: all\n  tasks: []\n",
    "list.yml": "- a\n- b\n",
    "text.yml": "only words\n",
    "empty.yml": "",
    "blank.yml": "\n\n",
    "remark.yml": "# to do\n",
    "null.yml": "~\n",
    "several.yaml": "apiVersion: v1\n---\nkind: Pod\n",
    "template.yaml": "apiVersion: v1\nname: {{ .Values.name }}\n",
    "broken.yml": "services:\n  web: [\n",
    "citation.yml": "cff-version: 1.2.0\ntitle: T\nauthors: []\nversion: 1\n",
    "dbt_project.yml": "name: d\nversion: 1\nconfig-version: 2\nprofile: d\n",
    "package.yaml": '{"name": "x", "version": 1, "description": "d", "private": true}',
    "cookiecutter.yaml": "name: {{cookiecutter.name}}\nversion: 1\n",
    "old-dependabot.yml": "version: 1\nupdate_configs: []\n",
    "old-readthedocs.yml": "version: 1\nformats: [pdf]\n",
    "graph.yaml": "version: 1\nnodes: []\nedges: []\n",
}
OURS = {
    "slip.yaml": "version: 1\nvidoes:\n  - file: a.mp4\n    title: t\n",
    "unversioned.yaml": "file: a.mp4\ntitle: t\n",
    "unversioned-batch.yaml": "videos:\n  - {file: a.mp4, title: t}\n",
    "slips.yaml": "fiel: a.mp4\ntitel: t\n",
    "newer.yaml": "version: 2\nfile: a.mp4\ntitle: t\n",
    "nothing-right.yaml": "version: 1\nfoo: bar\n",
    "in-japanese.yaml": "version: 1\nファイル: a.mp4\nタイトル: t\n",
    "slips-alone.yaml": "version: 1\nfoo: bar\ntitel: t\n",
    "quoted.yaml": "version: '1'\n",
    "capitals.yaml": "Version: 1\nFile: a.mp4\nTitle: t\n",
    "wide-colon.yaml": "version： 1\nfile： a.mp4\n",
    "unclosed.yaml": 'version: 1\nfile: "a.mp4\ntitle: t\n',
    "late.yaml": "file: a.mp4\ntitle: t\ntags: [a\n",
    "tab.yaml": "version: 1\nvideos:\n\t- file: a.mp4\n",
    "schema.yaml": "# yaml-language-server: $schema=https://x/manifest.schema.json\n",
    "list-of-videos.yaml": "- file: a.mp4\n  title: t\n",
    "with-services.yaml": "version: 1\nservices: x\nfile: a.mp4\ntitle: t\n",
    "two.yaml": "version: 1\nfile: a.mp4\n---\nversion: 1\n",
    "marked.yaml": "%YAML 3.0\n---\nversion: 1\n",
    "flow.yaml": "{version: 1, file: a.mp4, titel: t}\n",
}


def searched(folder: Path, *exclude: str) -> Loaded:
    return load([str(folder)], sites={SITE.name: SITE}, now=NOW, exclude=exclude)


@pytest.mark.parametrize("name", OTHERS)
def test_a_search_leaves_others_files_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(OTHERS[name], encoding="utf-8")
    loaded = searched(tmp_path)
    assert loaded.manifests == ()
    assert not any(each.stops() for each in loaded.problems)
    assert [each.rule for each in loaded.problems] == ["only-other-files", "other-yaml"]


@pytest.mark.parametrize("name", OTHERS)
def test_what_was_named_has_to_be_a_manifest(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(OTHERS[name], encoding="utf-8")
    loaded = load([str(tmp_path / name)], sites={SITE.name: SITE}, now=NOW)
    assert any(each.stops() for each in loaded.problems)


@pytest.mark.parametrize("name", OURS)
def test_a_manifest_with_mistakes_is_never_passed_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(OURS[name], encoding="utf-8")
    loaded = searched(tmp_path)
    assert [each.name for each in loaded.manifests] == [name]
    assert any(each.stops() for each in loaded.problems)


@pytest.mark.parametrize("encoding", ["shift_jis", "euc_jp", "utf-16", "utf-16-le"])
def test_a_manifest_in_another_encoding_is_not_passed_over(encoding: str, tmp_path: Path) -> None:
    text = "version: 1\nfile: a.mp4\ntitle: 冒険の始まり\n"
    (tmp_path / "m.yaml").write_bytes(text.encode(encoding))
    assert [each.rule for each in searched(tmp_path).problems] == ["wrong-encoding"]


def test_large_files(tmp_path: Path) -> None:
    filler = "# …\n" * 400_000
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\n" + filler, encoding="utf-8")
    (tmp_path / "m.yaml").write_text("version: 1\n" + filler, encoding="utf-8")
    found = searched(tmp_path).problems
    assert [(each.path.name, each.rule) for each in found] == [
        ("api.yaml", "other-yaml"),
        ("m.yaml", "manifest-too-large"),
    ]


def test_others_beside_a_manifest_are_noted_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("version: 1\nfile: a.mp4\ntitle: t\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(OTHERS["mkdocs.yml"], encoding="utf-8")
    loaded = searched(tmp_path)
    assert [each.name for each in loaded.manifests] == ["m.yaml"]
    assert [(each.path.name, each.rule) for each in loaded.problems] == [
        ("mkdocs.yml", "other-yaml")
    ]


def test_what_is_no_manifest_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("user_session_123_secret\n", encoding="utf-8")
    (problem,) = load([str(tmp_path / "token")], sites={SITE.name: SITE}, now=NOW).problems
    assert problem.rule == "not-a-manifest"
    assert "secret" not in problem.message + problem.hint
