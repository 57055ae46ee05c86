"""The judges of a process: the one in use, followed as people choose it, and for a while the one of a trial."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from monitor import logs
from monitor.judging import trying
from monitor.ports import Classifier
from monitor.store.engine import Store

Load = Callable[[str], Classifier]

_TRY_AGAIN_AFTER = timedelta(minutes=1)
_PATIENCE = 2.0  # seconds a task waits for a trial's model: what waits to be judged waits no longer

_log = logs.get(__name__)


class Judges:
    """Loads the judge in use on first need, and another one as soon as another is chosen."""

    def __init__(self, store: Store, load: Load, set_model: str, clock: Callable[[], datetime]) -> None:
        """`set_model` is what the operator set; it is asked for again whenever the chosen one cannot be used."""
        self._store, self._load, self._set_model, self._clock = store, load, set_model, clock
        self._held: tuple[str, Classifier] | None = None
        self._broken: tuple[str, datetime] | None = None

    def in_use(self) -> Classifier:
        """Return the judge that is in use now. Raises `BadInput` when the one the operator set cannot be loaded."""
        with self._store.reading() as work:
            chosen = trying.judge_in_use(work, self._set_model)
        if self._broken and (self._broken[0] != chosen or self._broken[1] <= self._clock()):
            self._broken = None
        wanted = self._set_model if self._broken else chosen
        if self._held and self._held[0] == wanted:
            return self._held[1]
        self._held = None  # the old one goes before the new one comes
        try:
            self._held = wanted, self._load(wanted)
        except Exception as error:
            if wanted == self._set_model:
                raise
            # Its folder may be gone. Somebody must judge, so the operator's choice does.
            _log.error("the judge that took over cannot be loaded", model=wanted, why=str(error))
            self._broken = wanted, self._clock() + _TRY_AGAIN_AFTER
            self._held = self._set_model, self._load(self._set_model)
        return self._held[1]


class OnTrial:
    """Loads the judge of a trial in a thread of its own, since it may come from far away (see `trying.Loader`)."""

    def __init__(self, load: Load) -> None:
        """Load nothing yet."""
        self._load = load
        self._loading: tuple[str, Future[Classifier]] | None = None

    def begun(self, model: str) -> bool:
        """Tell whether this model is being loaded, or is here."""
        return self._loading is not None and self._loading[0] == model

    def begin(self, model: str) -> None:
        """Start loading a model, in place of any other."""
        self.free()
        threads = ThreadPoolExecutor(1, "trial")
        self._loading = model, threads.submit(self._load, model)
        threads.shutdown(wait=False)

    def take(self) -> Classifier | None:
        """Return the judge, None while it is being loaded. Raises what went wrong."""
        if self._loading is None:
            return None
        _, loading = self._loading
        wait([loading], _PATIENCE)
        return loading.result() if loading.done() else None

    def free(self) -> None:
        """Let go of it. A load under way ends by itself, and nobody keeps what it brings."""
        self._loading = None
