"""Settings: `params.yaml` as one typed model. A section is named like the stage that it is for."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from attribution.errors import UsageError
from attribution.money import currencies

FILE_NAME = "params.yaml"


def _currency(code: str) -> str:
    if code not in currencies():
        message = "must be an ISO 4217 code, such as USD or EUR"
        raise ValueError(message)
    return code


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        message = "must be an IANA time zone, such as UTC or Europe/Berlin"
        raise ValueError(message)
    return name


class Section(BaseModel):
    """A section of the settings: unknown keys are refused, values are not changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ingest(Section):
    """Reading and judging rows."""

    kinds: dict[
        str,
        Literal["events", "events_stored", "events_raw", "scans", "qr_codes", "spend", "fx"],
    ] = Field({}, description="File name pattern -> kind, where the content does not tell it")
    aliases: dict[str, str] = Field({}, description="Input column -> canonical column")
    exclude: list[Literal["test", "fraud"]] = Field(["test", "fraud"], description="What is left out of analytics")


class Sessions(Section):
    """Cutting web sessions."""

    timeout_minutes: int = Field(30, gt=0, description="Inactivity that ends a web session, minutes")


class Conversions(Section):
    """What counts as a conversion, and when."""

    event_names: list[str] = Field(["purchase", "signup", "lead"], description="Server events that are conversions")
    with_value: bool = Field(default=True, description="Every server event with an amount is a conversion as well")
    window_days: int = Field(60, gt=0, description="Longest time from scan to conversion, days")
    clock_skew_minutes: int = Field(5, ge=0, description="How far before its scan a conversion may lie, minutes")


class Report(Section):
    """Report tables and the page."""

    currency: Annotated[str, AfterValidator(_currency)] = Field("USD", description="Reporting currency, ISO 4217")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field("UTC", description="Zone in which days are cut")
    locale: str = Field("en_US", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", description="How money is written")
    model: Literal["scan_session"] = Field("scan_session", description="Attribution model of the report tables")
    allocate_spend: Literal["none", "scans", "equal"] = Field(
        "none", description="How spend on a campaign with several QR codes is shared out"
    )
    notebooks: bool = Field(default=True, description="Execute the notebooks into pages, if Jupyter is installed")


class Settings(Section):
    """All settings. Every one has a default, so a run needs no file."""

    engine: Literal["local"] = Field("local", description="Where the stages run")
    ingest: Ingest = Ingest()
    sessions: Sessions = Sessions()
    conversions: Conversions = Conversions()
    report: Report = Report()


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
