"""A settings file, such as `params.yaml`, read into the settings; all faults are said at once, with what is allowed."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from attribution.errors import UsageError
from attribution.settings import Section, Settings

FILE_NAME = "params.yaml"


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
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except OSError as error:
        message = f"{path}: no settings file can be read there."
        raise UsageError(message) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path}: not a YAML file{_place(error)}."
        raise UsageError(message) from error
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(f"  {_fault(fault)}" for fault in error.errors())
        message = f"{path}: {error.error_count()} setting(s) cannot be used:\n{faults}"
        raise UsageError(message) from error
    if complete and (missing := _missing(settings, content)):
        listed = "\n".join(f"  {key} (default: {value!r})" for key, value in missing)
        message = f"{path}: {len(missing)} setting(s) are missing; a project's settings are complete. Add:\n{listed}"
        raise UsageError(message)
    return settings


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
