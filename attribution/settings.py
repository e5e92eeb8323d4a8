"""Settings as one typed model, which `settings_file` reads. A section is named like the stage that it is for."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from attribution import settings_checks as checks
from attribution.models.errors import ModelError

if TYPE_CHECKING:
    from attribution.models import Model, PathOptions

Engine = Literal["local", "spark"]
ENGINES = get_args(Engine)
ModelName = Literal["first_touch", "last_touch", "linear", "time_decay", "position_based", "markov", "shapley"]


class Section(BaseModel):
    """A section of the settings: unknown keys are refused, values are not changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ingest(Section):
    """Reading and judging rows."""

    kinds: dict[
        str,
        Literal["events", "events_stored", "events_raw", "scans", "qr_codes", "spend", "fx"],
    ] = Field({}, description="File name pattern -> kind, where the content does not show it")
    aliases: dict[str, Annotated[str, checks.CANONICAL]] = Field(
        {}, description="Input column -> canonical column; if several feed one, the first with a value counts"
    )
    exclude: list[Literal["test", "fraud"]] = Field(["test", "fraud"], description="Rows left out of the analysis")
    phone_regions: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(
        ["US", "GB", "DE", "FR", "IN"], description="Countries (ISO 3166) whose national phone numbers are detected"
    )
    keep_parsed: bool = Field(
        default=True,
        description="Keep each parsed file, so that the next run reads only new and changed ones",
    )


class Consent(Section):
    """What a withheld consent covers."""

    scope: Literal["event", "scan_session"] = Field(
        "event", description="event: only that row; scan_session: every row of its scan session"
    )


class People(Section):
    """Who is one person."""

    join: Literal["none", "identifiers"] = Field(
        "none", description="identifiers: join visitors whose consented rows share a hashed identifier"
    )
    max_people_per_identifier: int = Field(
        20,
        ge=2,
        description="An identifier shared by more people joins nobody, such as a shared till or a test account",
    )


class Sessions(Section):
    """Cutting web sessions."""

    timeout_minutes: int = Field(30, gt=0, description="Inactivity that ends a web session, minutes")


class Conversions(Section):
    """What counts as a conversion, and when."""

    event_names: list[str] = Field(["purchase", "signup", "lead"], description="Server events that are conversions")
    with_value: bool = Field(default=True, description="Every server event with an amount also counts as a conversion")
    window_days: int = Field(60, gt=0, description="Longest time from scan to conversion, days")
    clock_skew_minutes: int = Field(5, ge=0, description="How far before its scan a conversion may be, minutes")


class Journeys(Section):
    """Which touches belong to a conversion."""

    lookback_days: int = Field(60, gt=0, description="How far before a conversion a touch may be, days")
    cycles: bool = Field(
        default=False, description="A conversion closes the journey: earlier touches do not count again"
    )


class Attribute(Section):
    """The attribution models besides `scan_session`, and their options (`docs/models.md`)."""

    models: Annotated[list[ModelName], checks.EACH_ONCE] = Field(
        list(get_args(ModelName)), description="Models to compute"
    )
    half_life_days: float = Field(7.0, gt=0, description="time_decay: age at which a touch has half the weight, days")
    position_weights: list[float] = Field(
        [0.4, 0.2, 0.4], description="position_based: first, in between, last; adding up to 1"
    )
    markov_order: int = Field(1, ge=1, le=5, description="markov: number of touches per state")
    shapley_game: Literal["conversions", "conversion_rate"] = Field("conversions", description="shapley: the game")
    exclude: list[str] = Field([], description="QR codes removed from every path that also holds another one")
    exclude_trailing: list[str] = Field([], description="QR codes removed only from the end of such a path")
    collapse_repeats: bool = Field(
        default=False, description="Of consecutive scans of one QR code, only the first counts"
    )
    first_occurrence: bool = Field(default=False, description="Only the first scan of each QR code on a path counts")
    max_steps: int | None = Field(None, ge=1, description="Only this many last scans of a path count; null: all")

    def path_options(self) -> "PathOptions":
        """What is done to a path before any model but `scan_session` sees it."""
        from attribution.models import PathOptions

        return PathOptions(
            exclude=tuple(self.exclude),
            exclude_trailing=tuple(self.exclude_trailing),
            collapse_repeats=self.collapse_repeats,
            first_occurrence=self.first_occurrence,
            max_steps=self.max_steps,
        )

    def chosen_models(self) -> "list[Model]":
        """The chosen models with their options."""
        from attribution.models import model_named

        options: dict[str, dict[str, Any]] = {
            "time_decay": {"half_life": self.half_life_days},
            "position_based": {"weights": tuple(self.position_weights)},
            "markov": {"order": self.markov_order},
            "shapley": {"game": self.shapley_game},
        }
        return [model_named(name, options.get(name, {})) for name in self.models]

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        """Options that a model refuses are refused here, with its words."""
        try:
            self.chosen_models()
        except ModelError as error:
            raise ValueError(str(error)) from error
        return self


class Report(Section):
    """Report tables and the page."""

    currency: Annotated[str, checks.CURRENCY] = Field("USD", description="Reporting currency, ISO 4217")
    time_zone: Annotated[str, checks.TIME_ZONE] = Field("UTC", description="Time zone in which days begin and end")
    locale: Annotated[str, checks.LOCALE] = Field(
        "en_US",
        pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$",
        description="How money and numbers are written on pages and in figures",
    )
    model: Literal["scan_session", ModelName] = Field(
        "scan_session", description="Attribution model of the report tables"
    )
    allocate_spend: Literal["none", "scans", "equal"] = Field(
        "none", description="How spend on a campaign with several QR codes is distributed"
    )
    funnel_steps: Annotated[list[str], checks.FUNNEL_STEPS] = Field(
        ["scan", "page_view", "conversion"], description="scan, conversion or event names, in order"
    )
    seed: int = Field(
        1, ge=0, description="Seed of the resamples behind intervals; the same seed gives the same intervals"
    )
    replicates: int = Field(2_000, ge=200, description="Number of resamples of people")
    notebooks: bool = Field(default=True, description="Execute the notebooks into pages, if Jupyter is installed")


class Audit(Section):
    """Limits of the gate of `attribution audit`."""

    max_leaking_rows: int = Field(0, ge=0, description="Stored rows that may hold what their consent forbids")
    max_personal_data_rows: int = Field(0, ge=0, description="Rows that may hold personal data in the wrong place")
    min_group: int = Field(
        5, ge=1, description="Smaller groups of people are not shown separately, by trait or consent"
    )


class Schedule(Section):
    """Scheduled reports: how many are kept, and the gates of `attribution report` (docs/scheduling.md)."""

    keep: int = Field(0, ge=0, description="How many reports to keep; 0: all")
    min_tie_rate: float = Field(
        0, ge=0, le=1, description="Smallest allowed share of conversions with a known scan; 0: no gate"
    )
    max_duplicate_rate: float = Field(
        1, ge=0, le=1, description="Largest allowed share of rows that are copies; 1: no gate"
    )
    max_reject_rate: float = Field(
        1, ge=0, le=1, description="Largest allowed share of rows that are rejected; 1: no gate"
    )
    max_revenue_swing: float | None = Field(
        None, gt=0, description="Largest allowed change of revenue from the previous period, as a share; null: no gate"
    )


class Local(Section):
    """The engine `local`."""

    rows_per_bucket: int = Field(
        13_000_000,
        ge=1,
        description="Tables with more rows in total go through a stage bucket by bucket; a lower number takes less memory",
    )


class Spark(Section):
    """The Spark that the stages run on with `engine: spark` (`docs/scale.md`)."""

    master: str = Field(
        "local[*]", description="local[*], spark://host:port, yarn, k8s://…, or session: the existing one"
    )
    buckets: int = Field(0, ge=0, description="Parts that a stage's rows are split into; 0: from the data")
    rows_per_bucket: int = Field(1_000_000, gt=0, description="Target number of rows per bucket")
    memory_mb: int = Field(
        1_024, ge=128, description="Memory of a bucket's Python process before it spills to disk, MB"
    )
    rows_per_file: int = Field(
        20_000_000, ge=0, description="A table with more rows becomes a folder of that name with several files"
    )
    input: str = Field("", description="Address to fill the raw folder from first, such as s3a://bucket/exports")
    output: str = Field("", description="Address to copy the output folder to at the end")
    delta: str = Field("", description="Address under which every table is also written as a Delta Lake table")
    options: dict[str, str | int | bool] = Field(
        {}, description="Spark's own settings by name, such as spark.executor.memory"
    )


class Settings(Section):
    """All settings. Every one has a default, so a run needs no file."""

    engine: Engine = Field("local", description="Where the stages run")
    ingest: Ingest = Ingest()
    consent: Consent = Consent()
    people: People = People()
    sessions: Sessions = Sessions()
    conversions: Conversions = Conversions()
    journeys: Journeys = Journeys()
    attribute: Attribute = Attribute()
    report: Report = Report()
    audit: Audit = Audit()
    schedule: Schedule = Schedule()
    local: Local = Local()
    spark: Spark = Spark()

    def without_notebooks(self) -> Self:
        """The same, but that no notebook is executed."""
        return self.model_copy(update={"report": self.report.model_copy(update={"notebooks": False})})

    @model_validator(mode="after")
    def _report_model_is_computed(self) -> Self:
        """The report's model is one of those computed."""
        allowed = ("scan_session", *self.attribute.models)
        if self.report.model not in allowed:
            message = f"report.model is {self.report.model}, but attribute.models computes {', '.join(allowed)} only"
            raise ValueError(message)
        return self
