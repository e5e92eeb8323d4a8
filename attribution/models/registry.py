"""The models by name, and how a name with options becomes a model."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from attribution.models.custom import Custom
from attribution.models.errors import ModelError
from attribution.models.first_touch import FirstTouch
from attribution.models.heuristic import Model
from attribution.models.last_touch import LastTouch
from attribution.models.linear import Linear
from attribution.models.markov import Markov
from attribution.models.position_based import PositionBased
from attribution.models.shapley import Shapley
from attribution.models.time_decay import TimeDecay

MODELS: Final[Mapping[str, type]] = {
    model.name: model for model in (FirstTouch, LastTouch, Linear, TimeDecay, PositionBased, Markov, Shapley)
}
"""Every model of paths. `scan_session` is not one: it needs the scan that the conversion itself names."""
SCAN_SESSION: Final = "scan_session"


def model_named(model: str | Model | Callable[[int, int], float], options: Mapping[str, Any]) -> Model:
    """The model of this name with these options; a model is taken as it is, any other callable as `Custom`.

    Raises:
        ModelError: No model has the name, or it has no such option, or a value is not allowed; all allowed ones are named.
    """
    if isinstance(model, str):
        if model not in MODELS:
            raise ModelError(
                f"there is no model of paths {model!r}{why_not(model)}; allowed are {', '.join(MODELS)}, or a function"
            )
        return built(MODELS[model], options)
    if isinstance(model, type) and issubclass(model, tuple(MODELS.values())):
        return built(model, options)
    if options:
        raise ModelError(f"options {', '.join(options)} go with a model's name only")
    if isinstance(model, Model):
        return model
    if callable(model) and not isinstance(model, type):
        return Custom(model, name=getattr(model, "__name__", "custom"))
    raise ModelError(
        f"a model is a name, a model object or a function (position, length) -> weight, not {type(model).__name__}"
    )


def why_not(name: str) -> str:
    """Why the one name that is a model elsewhere is not one here; else empty."""
    return (
        " (it needs the scan that each conversion names, which a table of paths does not hold)"
        if name == SCAN_SESSION
        else ""
    )


def built(model: type, options: Mapping[str, Any]) -> Model:
    """The model with its options, all unknown ones refused at once."""
    allowed = [field.name for field in fields(model)] if is_dataclass(model) else []
    unknown = [name for name in options if name not in allowed]
    if unknown:
        raise ModelError(
            f"{model.__name__} has no option {', '.join(unknown)}; its options are {', '.join(allowed) or 'none'},"
            " and those of every path: exclude, exclude_trailing, collapse_repeats, first_occurrence, max_steps, minor_digits"
        )
    made: Model = model(**options)
    return made
