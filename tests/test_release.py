"""What a release is cited and installed by says what pyproject.toml says."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from gmemviz import __version__
from gmemviz.cli import main
from tests.test_environment import ON_CONDA, ONLY_PIP

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CITED = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
RECIPE = yaml.safe_load((ROOT / "recipe" / "meta.yaml").read_text(encoding="utf-8"))
PARTS = ("draw", "lab", "kernels")


def bounds(lines):
    asked = map(Requirement, lines)
    return {ON_CONDA.get(each.name, each.name): each.specifier for each in asked}


def of_recipe(part):
    asked = [line.partition(" ") for line in RECIPE["requirements"][part]]
    return bounds(f"{name}{bound}" for name, _, bound in asked)


def test_the_citation_is_of_this_project():
    said = (CITED["title"], CITED["version"], CITED["license"], CITED["abstract"])
    assert said == (PROJECT["name"], __version__, PROJECT["license"], PROJECT["description"])
    assert CITED["authors"] == PROJECT["authors"]
    assert CITED["keywords"] == PROJECT["keywords"]


def test_the_citation_has_what_its_format_demands():
    assert CITED["cff-version"] == "1.2.0"
    assert CITED.keys() >= {"authors", "cff-version", "message", "title"}


@pytest.mark.parametrize("said", [CITED, PROJECT, RECIPE["source"], RECIPE["about"]])
def test_an_address_is_a_whole_one(said):
    """An index refuses what is no address, and nobody can follow what is made up."""
    keys = ("url", "urls", "repository-code", "home", "dev_url", "doc_url")
    found = [said[key] for key in keys if key in said]
    addresses = [
        each for one in found for each in (one.values() if isinstance(one, dict) else [one])
    ]
    assert all(address.startswith("https://") for address in addresses)


def test_the_recipe_is_of_this_project():
    package, about = RECIPE["package"], RECIPE["about"]
    assert (package["name"], package["version"]) == (PROJECT["name"], __version__)
    assert (about["summary"], about["license"]) == (PROJECT["description"], PROJECT["license"])
    assert [about["license_file"]] == PROJECT["license-files"]
    (entry,) = (f"{name} = {place}" for name, place in PROJECT["scripts"].items())
    assert RECIPE["build"]["entry_points"] == [entry]


def test_the_recipe_asks_for_what_pip_does():
    python = bounds([f"python{PROJECT['requires-python']}"])
    assert of_recipe("run") == python | bounds(PROJECT["dependencies"])
    assert of_recipe("host") == python | bounds(["pip", *PYPROJECT["build-system"]["requires"]])


def test_the_recipe_bounds_each_part_that_conda_has():
    extras = [line for part in PARTS for line in PROJECT["optional-dependencies"][part]]
    wanted = bounds(extras)
    for name in (*ONLY_PIP, PROJECT["name"]):
        del wanted[name]
    assert of_recipe("run_constrained") == wanted


def test_the_recipe_builds_what_is_here_and_tries_it(capsys):
    assert (ROOT / "recipe" / RECIPE["source"]["path"]).resolve() == ROOT
    for line in RECIPE["test"]["commands"]:
        program, *words = line.split()
        assert program in PROJECT["scripts"]
        assert main(words) == 0
        assert capsys.readouterr().out
