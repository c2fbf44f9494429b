"""Settings: flags, then the environment, then defaults; everything wrong is told at once, with what to give instead."""

import dataclasses

import pytest

from server.settings import ENVIRONMENT_PREFIX, SHIPPED_CATALOG, Address, Settings, SettingsError, read_settings


def problems(arguments: list[str], environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(arguments, environment)
    return caught.value.problems


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings([], {})
    assert settings == Settings()
    assert settings.catalog == SHIPPED_CATALOG
    assert settings.default_policy == "cn-standard"


def test_without_a_word_nobody_else_on_the_network_is_answered() -> None:
    settings = Settings()
    assert settings.listen.host == settings.metrics_listen.host == "127.0.0.1"
    assert not settings.reuse_port


def test_the_environment_is_read() -> None:
    settings = read_settings([], {"MAKEGOOD_THREADS": "3", "MAKEGOOD_LISTEN": "[::1]:7", "MAKEGOOD_REUSE_PORT": "yes"})
    assert (settings.threads, settings.listen, settings.reuse_port) == (3, Address("::1", 7), True)


def test_a_flag_wins_over_the_environment() -> None:
    assert read_settings(["--threads", "5"], {"MAKEGOOD_THREADS": "3"}).threads == 5


def test_an_empty_variable_is_not_set() -> None:
    assert read_settings([], {"MAKEGOOD_THREADS": ""}).threads == Settings().threads


def test_variables_of_the_clients_are_not_ours() -> None:
    assert read_settings([], {"MAKEGOOD_ADDRESS": "elsewhere:1"}) == Settings()


@pytest.mark.parametrize(
    ("flag", "value", "instead"),
    [
        ("--listen", "localhost:50051", "an IP address and a port"),
        ("--listen", "127.0.0.1", "an IP address and a port"),
        ("--listen", "127.0.0.1:65536", "an IP address and a port"),
        ("--listen", "127.0.0.1:-1", "an IP address and a port"),
        ("--workers", "0", "a whole number from 1 to 256"),
        ("--threads", "0", "a whole number from 1 to 256"),
        ("--threads", "257", "a whole number from 1 to 256"),
        ("--threads", "two", "a whole number from 1 to 256"),
        ("--threads", "２", "a whole number from 1 to 256"),
        ("--max-batch-rows", "1e4", "a whole number from 1 to 1000000"),
        ("--log-level", "loud", "debug, info, warning, error"),
        ("--reuse-port", "true", "yes or no"),
        ("--catalog", "/no/such/place", "a directory that exists"),
        ("--default-policy", "", "give a name"),
    ],
)
def test_a_bad_value_is_told_with_what_to_give_instead(flag: str, value: str, instead: str) -> None:
    (problem,) = problems([f"{flag}={value}"], {})
    assert problem.startswith(f"{flag} {value}: ")
    assert instead in problem


def test_every_problem_is_told_at_once() -> None:
    told = problems(["--threads", "0", "--log-format", "xml"], {"MAKEGOOD_DRAIN_SECONDS": "long"})
    assert [problem.partition(":")[0] for problem in told] == ["--threads 0", "MAKEGOOD_DRAIN_SECONDS=long", "--log-format xml"]


def test_one_address_cannot_be_given_twice() -> None:
    (problem,) = problems(["--listen", "127.0.0.1:9464"], {})
    assert "another port" in problem


@pytest.mark.parametrize("setting", dataclasses.fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_explained_and_takes_its_own_default(
    setting: "dataclasses.Field[object]", capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        read_settings(["--help"], {})
    assert done.value.code == 0
    assert f"--{setting.name.replace('_', '-')} VALUE" in capsys.readouterr().out
    default = {"True": "yes", "False": "no"}.get(str(setting.default), str(setting.default))
    read = read_settings([], {ENVIRONMENT_PREFIX + setting.name.upper(): default})
    assert read == Settings()


def test_an_unknown_flag_is_refused() -> None:
    (problem,) = problems(["--thread", "5"], {})
    assert "--thread 5" in problem
    assert "--help" in problem
