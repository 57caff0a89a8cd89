"""environment.yml (conda) and pyproject.toml (pip) ask for the same packages."""

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

# The names that differ; on conda-forge `graphviz` is the engine, which pip has in the dot extra.
ON_CONDA = {"graphviz": "python-graphviz"}
ONLY_CONDA = {"graphviz", "pip", "python"}


def conda_packages():
    asked = [Requirement(line) for line in CONDA["dependencies"] if isinstance(line, str)]
    return {package.name: package.specifier for package in asked}


def test_same_packages_and_bounds():
    asked = map(Requirement, PROJECT["dependencies"])
    pip = {ON_CONDA.get(package.name, package.name): package.specifier for package in asked}
    conda = conda_packages()
    assert {name: conda[name] for name in conda if name not in ONLY_CONDA} == pip


def test_conda_brings_an_engine_and_python():
    assert conda_packages().keys() >= ONLY_CONDA
    assert PROJECT["requires-python"] in str(conda_packages()["python"])


def test_conda_forge_alone_and_the_checkout_last():
    assert CONDA["channels"] == ["conda-forge"]
    assert CONDA["dependencies"][-1] == {"pip": ["-e ."]}


def test_every_package_has_both_bounds():
    extras = PROJECT["optional-dependencies"].values()
    asked = map(
        Requirement, [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    )
    for package in asked:
        assert {bound.operator for bound in package.specifier} == {">=", "<"}, package
