"""environment.yml (conda) and pyproject.toml (pip) ask for the same packages."""

import json
import os
import subprocess
import tomllib
import venv
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

LAB = [*PROJECT["optional-dependencies"]["draw"], *PROJECT["optional-dependencies"]["lab"][1:]]

# The names that differ; on conda-forge `graphviz` is the dot program, which pip does not have.
ON_CONDA = {"graphviz": "python-graphviz"}
ONLY_CONDA = {"graphviz", "pip", "python"}
# What pip alone has, so that it comes with the checkout.
ONLY_PIP = {"graphviz-pure"}
# What `gmemviz kernels` needs away from a checkout.
FOR_KERNELS = {"platformdirs"}
# What `pytest --nbval notebooks` needs: the settings ask for a time limit.
FOR_NBVAL = {"nbval", "pytest", "pytest-timeout"}


def conda_packages():
    asked = [Requirement(line) for line in CONDA["dependencies"] if isinstance(line, str)]
    return {package.name: package.specifier for package in asked}


def pip_packages(lines):
    asked = [package for package in map(Requirement, lines) if package.name not in ONLY_PIP]
    return {ON_CONDA.get(package.name, package.name): package.specifier for package in asked}


def test_the_lab_has_what_draws():
    assert PROJECT["optional-dependencies"]["lab"][0] == "gmemviz[draw]"


def test_same_packages_and_bounds():
    conda = conda_packages()
    left = conda.keys() - ONLY_CONDA - FOR_NBVAL - FOR_KERNELS
    assert {name: conda[name] for name in left} == pip_packages(LAB)


def test_the_environment_has_what_nbval_needs_with_the_bounds_of_the_test_extra():
    conda, extra = conda_packages(), pip_packages(PROJECT["optional-dependencies"]["test"])
    assert {name: conda[name] for name in FOR_NBVAL} == {name: extra[name] for name in FOR_NBVAL}


def test_the_environment_has_the_extra_of_kernels():
    extra = pip_packages(PROJECT["optional-dependencies"]["kernels"])
    assert extra.keys() == FOR_KERNELS
    assert {name: conda_packages()[name] for name in FOR_KERNELS} == extra


def test_the_engine_comes_with_the_checkout_where_there_is_a_wheel():
    (asked,) = [one for one in map(Requirement, LAB) if one.name in ONLY_PIP]
    for machine in ("x86_64", "aarch64", "arm64", "AMD64"):
        assert asked.marker.evaluate({"platform_machine": machine})
    assert not asked.marker.evaluate({"platform_machine": "riscv64"})


def test_conda_brings_dot_and_python():
    assert conda_packages().keys() >= ONLY_CONDA


def test_conda_has_the_one_python_that_binder_can_read():
    """repo2docker takes a version after "=" alone, else its own default (its issue 1301)."""
    (asked,) = conda_packages()["python"]
    assert asked.operator == "=="
    assert (
        asked.version.removesuffix(".*") in Requirement(f"p{PROJECT['requires-python']}").specifier
    )


def test_conda_forge_alone_and_the_checkout_last():
    assert CONDA["channels"] == ["conda-forge"]
    assert CONDA["dependencies"][-1] == {"pip": ["-e .[draw]"]}  # the engine, see ONLY_PIP


def test_every_package_has_both_bounds():
    extras = PROJECT["optional-dependencies"].values()
    for package in map(Requirement, (line for extra in extras for line in extra)):
        if package.name == PROJECT["name"]:
            continue  # one of our own parts
        assert {bound.operator for bound in package.specifier} == {">=", "<"}, package


def test_no_other_extra_is_in_the_environment():
    extras = {
        Requirement(line).name
        for part, lines in PROJECT["optional-dependencies"].items()
        for line in lines
        if part not in ("draw", "lab")
    }
    assert (extras & conda_packages().keys()) == FOR_NBVAL | FOR_KERNELS


def test_binder_finds_the_environment_beside_the_checkout():
    # In a folder of its own "-e ." would be that folder, and what stands here would not be read.
    assert not [name for name in ("binder", ".binder", "Dockerfile") if (ROOT / name).exists()]


def test_binder_gets_the_settings_that_make_setup_gives(tmp_path):
    assert os.access(ROOT / "postBuild", os.X_OK)
    venv.create(tmp_path / "v", with_pip=False, symlinks=True)
    env = os.environ | {"PATH": f"{tmp_path / 'v' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for _ in range(2):  # a second time changes nothing
        subprocess.run([ROOT / "postBuild"], cwd=tmp_path, env=env, check=True, timeout=60)
        made = tmp_path / "v" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
        wanted = ROOT / "scripts" / "lab_settings.json"
        assert json.loads(made.read_text()) == json.loads(wanted.read_text())
    assert [path.name for path in made.parent.iterdir()] == ["overrides.json"]
