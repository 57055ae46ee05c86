"""What a client's faults mean for a reply that was being sent, or looked for."""

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.clients.faults import RETRY_S, Denied, NoAnswer, NotReached, Reason, Throttled
from monitor.domain.errors import RetryLater
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain, SignInRefused


@contextmanager
def sending() -> Iterator[None]:
    """Turn faults of a write into refused, deferred (nothing was sent) or uncertain (it may have been)."""
    try:
        yield
    except Throttled as fault:
        raise PublishDeferred(str(fault), after=fault.after) from fault
    except NotReached as fault:
        raise PublishDeferred(str(fault), after=RETRY_S) from fault
    except NoAnswer as fault:
        raise PublishUncertain(str(fault)) from fault
    except Denied as fault:
        if fault.reason is Reason.LOGIN:
            raise SignInRefused(str(fault), after=RETRY_S) from fault
        raise PublishRefused(str(fault)) from fault
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        # The platform took the request and answered in a way no one wrote down: it may well stand there.
        message = f"The platform answered in a way that cannot be read ({type(fault).__name__}). It may have been sent."
        raise PublishUncertain(message) from fault


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Stand inside `sending` around what comes before the write: an answer that stays away leaves nothing in doubt."""
    try:
        yield
    except NoAnswer as fault:
        message = f"{fault} Nothing was sent."
        raise NotReached(message) from fault


@contextmanager
def asking() -> Iterator[None]:
    """Turn faults of a read before or after sending, when nothing is written: it can be asked again."""
    try:
        yield
    except Throttled as fault:
        raise RetryLater(str(fault), after=fault.after) from fault
    except (NotReached, NoAnswer, Denied) as fault:
        if isinstance(fault, Denied) and fault.reason is Reason.LOGIN:
            raise SignInRefused(str(fault), after=RETRY_S) from fault
        raise RetryLater(str(fault), after=RETRY_S) from fault
