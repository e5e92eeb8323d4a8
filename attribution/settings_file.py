"""A settings file, such as `params.yaml`, read into the settings; all faults are said at once, with what is allowed."""

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from attribution.errors import UsageError
from attribution.settings import Section, Settings

FILE_NAME = "params.yaml"
TWICE: Final = "is set twice"


def load(path: Path | None, *, complete: bool = False) -> Settings:
    """The settings of a file, defaults where it is silent.

    Args:
        path: A YAML file; None for all defaults.
        complete: Refuse a file that leaves out a setting: a project's `params.yaml` is the record of a run, and DVC
            follows its keys.

    Raises:
        UsageError: The file is missing, is no YAML mapping, or has faults; all of them are named at once, with what is
            allowed.
    """
    if path is None:
        return Settings()
    try:
        content = yaml.load(path.read_text("utf-8"), _EachOnce) or {}  # noqa: S506 - a safe loader
    except OSError as error:
        message = f"{path}: the settings file cannot be read."
        raise UsageError(message) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path}: {_wrong(error)}{_place(error)}."
        raise UsageError(message) from error
    if isinstance(content, dict):
        content = {name: {} if value is None and _is_section(name) else value for name, value in content.items()}
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(f"  {_fault(fault)}" for fault in error.errors())
        message = f"{path}: {error.error_count()} setting(s) cannot be used:\n{faults}"
        raise UsageError(message) from error
    if complete and (missing := _missing(settings, content)):
        listed = "\n".join(f"  {key} (default: {value!r})" for key, value in missing)
        message = f"{path}: {len(missing)} setting(s) are missing; a project must list every setting. Add:\n{listed}"
        raise UsageError(message)
    return settings


class _EachOnce(yaml.SafeLoader):  # type: ignore[misc]
    """Refuses a mapping that has a key twice, of which YAML's own loader would keep the last without a word."""

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(problem=f"{key.value} {TWICE}", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return node


def _is_section(name: object) -> bool:
    return isinstance(getattr(Settings(), str(name), None), Section)


def _wrong(error: Exception) -> str:
    problem = getattr(error, "problem", None) or ""
    return problem if problem.endswith(TWICE) else "not a YAML file"


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark else ""


def _fault(fault: Any) -> str:  # noqa: ANN401 - pydantic's error details
    key = ".".join(str(part) for part in fault["loc"]) or "the file"
    if fault["type"] == "extra_forbidden":
        return f"{key}: no such setting. Allowed here: {', '.join(_allowed(fault['loc'][:-1]))}"
    return f"{key}: {fault['msg'].removeprefix('Value error, ')}"


def _allowed(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in place:
        model = model.model_fields[str(part)].annotation  # type: ignore[assignment]
    return list(model.model_fields)


def _missing(settings: Settings, content: dict[str, Any]) -> list[tuple[str, object]]:
    missing: list[tuple[str, object]] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if not isinstance(value, Section):
            if name not in content:
                missing.append((name, value))
            continue
        given = content.get(name) or {}
        missing += [(f"{name}.{key}", getattr(value, key)) for key in type(value).model_fields if key not in given]
    return missing
