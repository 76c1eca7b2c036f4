"""The fleet of `examples/fleet`, as far as that shows without containers or a cluster."""

from __future__ import annotations

import re
import shlex
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml

from nicobatch.actions.rehearsing import sign_ins
from nicobatch.cli import fleet_options
from nicobatch.cli.app import nicobatch
from nicobatch.fleet import VARIABLE
from nicobatch.fleet.database import Database
from nicobatch.fleet.schema import migrate
from nicobatch.model import Secret
from tests.support.postgres import Postgres

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT / "examples" / "fleet"
CONTAINER: Final = (ROOT / "examples" / "container" / "Containerfile").read_text("utf-8")
README: Final = (FOLDER / "README.md").read_text("utf-8")
IMAGES: Final = {"nicobatch-fleet", "registry.example/nicobatch-fleet:0.1.0"}
"""What the example's own image is called."""
ACCOUNTS: Final = 4


@pytest.fixture(scope="module")
def services() -> Mapping[str, Any]:
    found: Mapping[str, Any] = compose()["services"]
    return found


def compose() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    return made


@pytest.fixture(scope="module")
def cluster() -> dict[str, Any]:
    """Return the cluster's objects, by their kind."""
    text = (FOLDER / "kubernetes.yaml").read_text("utf-8")
    return {each["kind"]: each["spec"] for each in yaml.safe_load_all(text)}


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the files that the commands name."""
    monkeypatch.chdir(tmp_path)
    for name in ("dsn", "key", "session"):
        (tmp_path / name).touch()


def understood(words: Sequence[str]) -> click.Context:
    """Return the command of these words with what it is given; what it doesn't know is an error."""
    command: click.Command = nicobatch
    rest = list(words)
    while isinstance(command, click.Group):
        _name, found, rest = command.resolve_command(click.Context(command), rest)
        assert found, words
        command = found
    return command.make_context(command.name, rest, **nicobatch.context_settings)


def variables(context: click.Context) -> set[str]:
    """Return by which names the command is told what in the environment."""
    options = (each for each in context.command.params if isinstance(each, click.Option))
    return {VARIABLE, *(str(each.envvar) for each in options if each.envvar)}


def taught() -> Iterator[list[str]]:
    """Yield what is to be typed after `nicobatch`, there and in the containers."""
    text = README + (FOLDER / "compose.yaml").read_text("utf-8")
    for line in re.findall(r"^(?:# +)?nicobatch (.*)|run --rm worker (.*)", text, re.MULTILINE):
        words = shlex.split(re.sub(r"[#<].*", "", "".join(line)))
        yield words


def test_what_is_to_be_typed_is_understood(mounted: None) -> None:
    found = {tuple(words[:2]): understood(words) for words in taught()}
    assert set(found) >= {("fleet", each) for each in ("init", "enqueue", "status", "session")}


def test_services_run_commands_that_there_are(services: Mapping[str, Any]) -> None:
    own = {name: each for name, each in services.items() if each["image"] in IMAGES}
    assert set(own) == {"sandbox", "init", "worker"}
    given = {name: understood(each["command"]) for name, each in own.items()}
    for name, each in own.items():
        assert set(each.get("environment", {})) <= variables(given[name]), name
    assert given["sandbox"].params["accounts"] == ACCOUNTS
    assert given["worker"].params["concurrency"] == ACCOUNTS


def test_workers_reach_the_sandbox_where_it_answers(services: Mapping[str, Any]) -> None:
    worker, port = services["worker"], understood(services["sandbox"]["command"]).params["port"]
    origin = worker["environment"]["NICOBATCH_API_ORIGIN"]
    assert origin == f"http://127.0.0.1:{port}"
    assert worker["network_mode"] == "service:sandbox"
    assert worker["deploy"]["replicas"] == 2
    assert f"{origin}/sandbox/audit" in services["sandbox"]["healthcheck"]["test"][-1]


def test_sign_ins_are_the_sandboxs(services: Mapping[str, Any]) -> None:
    text = (FOLDER / services["worker"]["env_file"]).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == [f"{name}={value}" for name, value in sign_ins(ACCOUNTS)]


def test_services_are_built_of_what_there_is(services: Mapping[str, Any]) -> None:
    made = services["worker"]["build"]
    context = (FOLDER / made["context"]).resolve()
    assert (context, (context / made["dockerfile"]).is_file()) == (ROOT, True)
    assert f"requirements/{made['args']['LOCK']}" in CONTAINER
    assert (ROOT / "requirements" / made["args"]["LOCK"]).is_file()
    assert set(made["args"]) <= set(re.findall(r"^ARG (\w+)", CONTAINER, re.MULTILINE))
    waited = {name for each in services.values() for name in each.get("depends_on", {})}
    assert waited <= set(services)
    kept = [each.split(":")[0] for one in services.values() for each in one.get("volumes", ())]
    assert {each for each in kept if each.isidentifier()} == set(compose()["volumes"])


def test_the_cluster_runs_commands_that_there_are(cluster: Mapping[str, Any]) -> None:
    pod = cluster["Deployment"]["template"]["spec"]
    worker = pod["containers"][0]
    given = understood(worker["args"])
    assert {each["name"] for each in worker["env"]} <= {*variables(given), "NODE"}
    (secret,) = [each["secret"] for each in pod["volumes"] if "secret" in each]
    assert (secret["defaultMode"], secret["items"]) == (0o400, [{"key": "key", "path": "key"}])
    assert given.params["key_file"].name == "key"
    (first,) = pod["initContainers"]
    assert understood(first["args"]).info_name == "init"
    mounts = {each["mountPath"]: each["name"] for each in worker["volumeMounts"]}
    assert {str(given.params["scratch"]), str(given.params["key_file"].parent)} <= set(mounts)
    for each in (*pod["containers"], *pod["initContainers"]):
        assert each["image"] in IMAGES
        names = {mount["name"] for mount in each["volumeMounts"]}
        assert names <= {volume["name"] for volume in pod["volumes"]}
    assert set(re.findall(r"--from-file=(\w+)", README)) == {"dsn", "key"}
    assert fleet_options.KEY_VARIABLE in variables(given)


def prepare(dsn: str) -> None:
    with closing(Database(Secret(dsn), threading.Event())) as database:
        migrate(database)
        database.rows(
            "INSERT INTO nicobatch_accounts (site, name, origin, due_at, paused_at, blocked) VALUES"
            " ('niconico', 'due', 'o', now(), NULL, ''), ('bilibili', 'due', 'o', now(), NULL, ''),"
            " ('niconico', 'later', 'o', now() + interval '1 hour', NULL, 'signed out'),"
            " ('niconico', 'paused', 'o', now(), now(), ''),"
            " ('niconico', 'idle', 'o', NULL, NULL, '')"
        )


def test_as_many_workers_are_wanted_as_accounts_are_due(
    cluster: Mapping[str, Any], postgres: Postgres
) -> None:
    scaled, worker = (
        cluster["ScaledObject"],
        cluster["Deployment"]["template"]["spec"]["containers"][0],
    )
    (trigger,) = scaled["triggers"]
    concurrency = understood(worker["args"]).params["concurrency"]
    assert trigger["metadata"]["targetQueryValue"] == str(concurrency)
    (secret,) = cluster["TriggerAuthentication"]["secretTargetRef"]
    assert secret == {"parameter": "connection", "name": "nicobatch-fleet", "key": "dsn"}
    assert postgres.database(prepare).sql(trigger["metadata"]["query"]) == [["2"]]


def test_the_dashboards_queries_are_answered(postgres: Postgres) -> None:
    database = postgres.database(prepare)
    queries = (FOLDER / "dashboard.sql").read_text("utf-8").split(";\n")
    *found, end = [database.sql(each) for each in queries]
    assert (len(found), end) == (10, [])
    assert found[0] == [
        ["bilibili", "due", "1"],
        ["niconico", "blocked", "1"],
        ["niconico", "due", "1"],
        ["niconico", "idle", "1"],
        ["niconico", "paused", "1"],
    ]
    assert [row[:3] for row in found[5]] == [["niconico", "later", "signed out"]]
