"""``ca_file``: what is wrong with the file is said where it is named, before anything is polled."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import ConfigError, parse_config
from tests.support.certificates import Authority


def faults(text: str, folder: Path) -> list[str]:
    try:
        parse_config(text, path=folder / "feeds.yaml")
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ca")
    Authority(folder)
    (folder / "empty.pem").write_bytes(b"")
    (folder / "words.pem").write_text("not a certificate")
    return folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.pem", "cannot be read: No such file"),
        ("words.pem", "no certificate in PEM form"),
        ("empty.pem", "no certificate in PEM form"),
        ("authority.key", "no certificate in PEM form"),
        (".", "ca_file"),
    ],
)
def test_a_file_that_is_no_authority_is_named_with_its_line(folder: Path, name: str, said: str) -> None:
    found = faults(f"sources:\n  - url: https://a.example/\n    ca_file: {name}\n", folder)
    assert len(found) == 1
    assert f"{folder / 'feeds.yaml'}:3:14" in found[0]
    assert said in found[0]


def test_a_file_is_sought_beside_the_configuration(folder: Path) -> None:
    text = "sources:\n  - {url: 'https://a.example/', ca_file: authority.pem}\n"
    assert faults(text, folder) == []
    assert faults(text.replace("authority.pem", str(folder / "authority.pem")), folder.parent) == []


def test_a_fault_in_defaults_is_said_once(folder: Path) -> None:
    text = "defaults: {ca_file: missing.pem}\nsources: ['https://a.example/', 'https://b.example/']\n"
    assert len(faults(text, folder)) == 1
    assert len(faults("defaults: {ca_file: missing.pem}\n", folder)) == 1
