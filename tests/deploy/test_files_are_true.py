"""What the files of deploy/ name is there, and what they count on is so: settings, ports, paths, times, memory."""

import re
from pathlib import PurePath
from typing import Final

import pytest

from bench import capacity
from server.memory_limit import limit_bytes
from server.settings import Settings, SettingsError, read_settings
from tests.deploy import files

EXIT_MARGIN_SECONDS: Final = 5
"""After both drains the server ends whatever is stuck within these: its --help says so."""
IMAGE: Final = files.environment_of_image()
TLS: Final = {"MAKEGOOD_TLS_CERT": "/run/tls.crt", "MAKEGOOD_TLS_KEY": "/run/tls.key"}
COMPOSED: Final = IMAGE | files.compose()["services"]["server"]["environment"]
UNIT: Final = files.settings_in(files.UNIT_SETTINGS)
KUBERNETES: Final = IMAGE | files.settings_in(files.KUBERNETES_SETTINGS)
ENVIRONMENTS: Final = {"image": IMAGE | TLS, "compose": COMPOSED, "systemd": UNIT, "kubernetes": KUBERNETES}
KNOWN: Final = {f"MAKEGOOD_{name.upper()}" for name in Settings.__dataclass_fields__}


def end_seconds(settings: Settings) -> int:
    """From SIGTERM to the end, at most."""
    return settings.drain_delay_seconds + settings.drain_seconds + EXIT_MARGIN_SECONDS


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_every_setting_is_one_that_the_server_takes(environment: dict[str, str]) -> None:
    ours = {name: value for name, value in environment.items() if name.startswith("MAKEGOOD_")}
    assert ours.keys() <= KNOWN
    assert ours
    read_settings([], ours)


def test_the_image_does_not_answer_in_clear_unless_it_is_told_to() -> None:
    with pytest.raises(SettingsError, match="plaintext anywhere"):
        read_settings([], IMAGE)


def test_every_setting_that_is_named_anywhere_below_deploy_exists() -> None:
    texts = [path.read_text("latin-1") for path in files.DEPLOY.rglob("*") if path.is_file()]  # a picture is among them
    assert {name for text in texts for name in re.findall(r"MAKEGOOD_[A-Z_]+", text)} <= KNOWN


def test_the_image_is_made_of_what_is_there() -> None:
    copied = [rest.split()[:-1] for name, rest in files.instructions() if name == "COPY" and not rest.startswith("--from")]
    sources = [source for each in copied for source in each]
    assert [source for source in sources if not (files.ROOT / source).exists()] == []
    ignored = (files.DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == set(sources)


def test_the_image_has_every_room_of_the_wheel() -> None:
    hatch = (files.ROOT / "pyproject.toml").read_text("utf-8")
    [packages] = re.findall(r"^packages = \[(.*)\]", hatch, re.MULTILINE)
    rooms = {room.strip(' "').partition("/")[0] for room in packages.split(",")}
    copied = {rest.split()[0] for name, rest in files.instructions() if name == "COPY"}
    assert rooms <= copied


def test_the_image_runs_as_nobody_in_particular_and_compiled() -> None:
    told = dict(files.instructions())
    user, _, group = told["USER"].partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert IMAGE["MAKEGOOD_COMPILED"] == "require"


def test_ports_are_those_that_the_server_listens_on() -> None:
    settings = read_settings([], IMAGE | TLS)
    ports = {settings.listen.port, settings.metrics_listen.port}
    told = dict(files.instructions())
    assert set(map(int, told["EXPOSE"].split())) == ports
    assert f":{settings.metrics_listen.port}/readyz" in told["HEALTHCHECK"]
    published = files.compose()["services"]["server"]["ports"]
    assert {int(each.rpartition(":")[2]) for each in published} == ports
    assert {each["containerPort"] for each in files.container()["ports"]} == ports
    assert {each["port"] for each in files.manifest("Service")["spec"]["ports"]} == ports
    scraped = (files.DEPLOY / "compose" / "prometheus.yaml").read_text("utf-8")
    assert f'targets: ["server:{settings.metrics_listen.port}"]' in scraped


def test_compose_publishes_on_loopback_alone() -> None:
    published = [port for service in files.compose()["services"].values() for port in service["ports"]]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_what_compose_mounts_is_there() -> None:
    mounts = [each for service in files.compose()["services"].values() for each in service.get("volumes", ())]
    sources = [mount.partition(":")[0] for mount in mounts if mount.startswith(".")]
    assert {"../prometheus", "../grafana"} <= set(sources)
    assert not [each for each in sources if not (files.COMPOSE.parent / each).exists()]


def test_probes_ask_paths_that_are_answered_there() -> None:
    answered = (files.ROOT / "server" / "metrics_endpoint.py").read_text("utf-8")
    paths = {name: files.container()[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {(probe["port"], probe["scheme"]) for probe in paths.values()} == {("metrics", "HTTPS")}
    assert paths["readinessProbe"]["path"] == "/readyz"
    assert paths["livenessProbe"]["path"] == paths["startupProbe"]["path"] == "/livez"
    [scrape] = files.manifest("ServiceMonitor")["spec"]["endpoints"]
    assert (scrape["port"], scrape["scheme"]) == ("metrics", "https")
    for path in ("/livez", "/readyz", scrape["path"]):
        assert f'"{path}"' in answered


def test_whoever_stops_it_waits_longer_than_it_takes_to_drain() -> None:
    pod = files.manifest("Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > end_seconds(read_settings([], KUBERNETES))
    assert int(files.unit()["TimeoutStopSec"]) > end_seconds(read_settings([], UNIT))
    stop = files.compose()["services"]["server"]["stop_grace_period"]
    assert int(stop.removesuffix("s")) > end_seconds(read_settings([], COMPOSED))


def test_a_pod_answers_until_readiness_is_seen() -> None:
    """So many periods as it takes to be seen, and as long again for the address to be taken out everywhere."""
    probe = files.container()["readinessProbe"]
    seen_seconds = probe["failureThreshold"] * (probe["periodSeconds"] + probe["timeoutSeconds"])
    assert read_settings([], KUBERNETES).drain_delay_seconds > seen_seconds


def test_the_unit_restarts_what_a_restart_can_mend() -> None:
    """2: settings or policies that cannot be used."""
    assert files.unit()["RestartPreventExitStatus"] == "2"
    assert files.unit()["ExecStart"].endswith("-m server")
    assert files.unit()["EnvironmentFile"].endswith("/" + files.UNIT_SETTINGS.name)


def test_pods_are_as_locked_up_as_they_can_be() -> None:
    pod = files.manifest("Deployment")["spec"]["template"]["spec"]
    told = dict(files.instructions())
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" == told["USER"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert files.container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    # With several workers the parent writes there, and nowhere else.
    writable = {mount["mountPath"] for mount in files.container()["volumeMounts"] if not mount.get("readOnly")}
    assert writable == {told["WORKDIR"]}


def test_pods_find_their_certificate_where_it_is_mounted() -> None:
    settings = read_settings([], KUBERNETES)
    [mount] = [each for each in files.container()["volumeMounts"] if each.get("readOnly")]
    assert {str(PurePath(path).parent) for path in (settings.tls_cert, settings.tls_key)} == {mount["mountPath"]}
    assert [PurePath(path).name for path in (settings.tls_cert, settings.tls_key)] == ["tls.crt", "tls.key"]


def test_everything_of_kubernetes_means_the_same_pods() -> None:
    labels = files.manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert files.manifest("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert files.manifest("Service")["spec"]["selector"] == labels
    assert files.manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert files.manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert files.manifest("ServiceMonitor")["spec"]["selector"]["matchLabels"] == labels
    assert files.manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == "makegood"


def test_pods_are_added_by_a_metric_that_there_is() -> None:
    [metric] = files.manifest("HorizontalPodAutoscaler")["spec"]["metrics"]
    assert metric["pods"]["metric"]["name"] in (files.ROOT / "server" / "metrics.py").read_text("utf-8")
    [pool] = metric["pods"]["metric"]["selector"]["matchLabels"].values()
    assert f'CallPool("{pool}"' in (files.ROOT / "server" / "frame.py").read_text("utf-8")


def test_the_capacity_page_is_worked_out_from_the_results_of_the_bench() -> None:
    """``python -m bench.capacity`` makes it so."""
    figures = capacity.read(capacity.RESULTS.read_text("utf-8"))
    assert capacity.PAGE.read_text("utf-8") == capacity.page(figures)


def test_pods_are_sized_as_the_capacity_page_says() -> None:
    """By one worker a pod; the request may be above what is asked for, by a half at most."""
    figures = capacity.read(capacity.RESULTS.read_text("utf-8"))
    assert read_settings([], KUBERNETES).workers == 1
    requested = int(files.container()["resources"]["requests"]["memory"].removesuffix("Mi"))
    assert figures.memory_request_mib <= requested <= figures.memory_request_mib * 3 // 2
    [metric] = files.manifest("HorizontalPodAutoscaler")["spec"]["metrics"]
    assert 1 <= int(metric["pods"]["target"]["averageValue"]) <= figures.in_flight


def test_pods_turn_calls_away_before_the_system_ends_them() -> None:
    """With as much again below their limit as a warm worker holds, for what comes until calls have been turned away."""
    settings, figures = read_settings([], KUBERNETES), capacity.read(capacity.RESULTS.read_text("utf-8"))
    limit_mib = {"Gi": 1024, "Mi": 1}
    said = files.container()["resources"]["limits"]["memory"]
    memory_mib = int(said[:-2]) * limit_mib[said[-2:]]
    turned_away_mib = limit_bytes(settings.max_memory_bytes, settings.workers, memory_mib * 2**20) // 2**20
    assert 2 * figures.warm_mib < turned_away_mib < memory_mib - 2 * figures.warm_mib


def test_a_result_without_a_figure_is_named() -> None:
    text = capacity.RESULTS.read_text("utf-8").replace("worker, warm", "worker, tepid")
    with pytest.raises(capacity.NotThere, match="worker, warm"):
        capacity.read(text)
