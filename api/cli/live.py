"""`amends demo --platform`: simulated platforms in the foreground, until Ctrl-C."""

import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from api.cli.support import Instance, hint, now, say
from monitor.domain.errors import BadInput

if TYPE_CHECKING:
    from monitor.live_demo import LiveDemo


def run(here: Instance, names: Sequence[str], port: int, speed: float) -> None:
    """Play until somebody stops it; then the accounts and watches of the demo are put away."""
    from monitor import live_demo
    from monitor.vault import Vault

    if not 0 < speed < float("inf"):
        message = f"The speed must be a number above 0, not {speed:g}."
        raise BadInput(message, where="--speed")
    signal.signal(signal.SIGTERM, _stop)
    demo = live_demo.LiveDemo(here.store, Vault(here.settings.key()), list(dict.fromkeys(names)), port=port)
    demo.open(now())
    _explain(demo)
    try:
        while True:
            time.sleep(live_demo.PAUSE_S / speed)
            hint(demo.act())
    except KeyboardInterrupt:
        pass
    finally:
        demo.close(now())
    say("The platforms are gone. What was said and answered stays until: amends demo --remove")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


def _explain(demo: "LiveDemo") -> None:
    from monitor.live_demo import NAME
    from monitor.watching import platform_name

    for scene in demo.scenes:
        say(f"Simulated: {platform_name(scene.name)} at {scene.stage.url}")
    say(f"In another terminal: amends up --no-demo. Then open Sources, and the queue of {NAME}.")
    say("What you approve there is sent to these platforms; some customers answer, and some delete what they wrote.")
    say("To connect an account of a brand of your own, as on the real platforms, open Settings, Connect an account:")
    for scene in demo.scenes:
        say(f"  {_ways(scene.name, scene.stage.url)}")
    say("Ctrl-C ends it.")


def _ways(name: str, url: str) -> str:
    from monitor.live_demo import APP_PASSWORD

    return {
        "mastodon": f"Mastodon: give {url} as the server.",
        "bluesky": f"Bluesky: give {url} as the server, the handle try.bsky.social and the app password {APP_PASSWORD}.",
        "x": f"X: AMENDS_X_URL={url} AMENDS_X_SITE_URL={url} amends up; the client ID is demo-app.",
        "reddit": f"Reddit: AMENDS_REDDIT_URL={url} AMENDS_REDDIT_API_URL={url} amends up; the client ID is amends-app, "
        "the secret amends-app-secret.",
        "hackernews": f"Hacker News: AMENDS_HACKERNEWS_URL={url}/api/v1 amends up; it needs no account, add a watch.",
        "feed": f"A feed: AMENDS_FEEDS_PRIVATE=1 amends up, and watch {url}/forum.rss; it needs no account.",
    }[name]
