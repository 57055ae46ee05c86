"""What somebody wrote down of a model's labels: NAME=MEANING, divided by commas."""

from collections.abc import Collection, Mapping, Sequence

from monitor.domain.errors import BadInput


def renamed(labels: Mapping[int, str], said: str) -> dict[int, str]:
    """Give labels the meaning that was written down for them. Raises `BadInput` for one that the model lacks."""
    meant = _meanings(said)
    _refuse_unknown(meant, list(labels.values()))
    return {i: meant.get(label.lower().strip(), label) for i, label in labels.items()}


def shared_out(said: str, of_each: Sequence[Collection[str]]) -> list[str]:
    """Give each of several models what was written down of its labels. Raises `BadInput` for one they all lack."""
    meant = _meanings(said)
    _refuse_unknown(meant, [label for labels in of_each for label in labels])
    known = [{label.lower().strip() for label in labels} for labels in of_each]
    return [",".join(f"{name}={meaning}" for name, meaning in meant.items() if name in mine) for mine in known]


def _meanings(said: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in said.split(",") if part.strip()]
    return {name.strip().lower(): meaning.strip().lower() for name, _, meaning in pairs}


def _refuse_unknown(meant: Collection[str], labels: Collection[str]) -> None:
    unknown = sorted(set(meant) - {label.lower().strip() for label in labels})
    if unknown:
        message = f"There is no label {', '.join(unknown)}: the labels are {', '.join(dict.fromkeys(labels))}."
        raise BadInput(message, where="model_labels")
