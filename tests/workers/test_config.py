import os

from monitor.settings import Settings
from workers import tasks
from workers.app import app
from workers.config import QUEUES, SEND_LIMIT, SLICE, configuration
from workers.sweeper import EVERY, beat_table

_OURS = (
    "pull_due",
    "pull",
    "assess",
    "draft",
    "publish_due",
    "publish",
    "reconcile",
    "deliver_alerts",
    "sweep",
    "watch_sources",
    "tidy",
)


def test_a_sending_is_never_handed_out_twice_and_ends_within_its_limit() -> None:
    assert tasks.publish.acks_late is False
    assert tasks.publish.reject_on_worker_lost is False
    assert tasks.publish.time_limit == SEND_LIMIT


def test_everything_else_survives_its_worker() -> None:
    for name in set(_OURS) - {"publish"}:
        assert app.tasks[name].acks_late, name
        assert app.tasks[name].reject_on_worker_lost, name


def test_a_message_that_outlived_its_use_expires() -> None:
    for name, every in EVERY.items():
        assert app.tasks[name].expires, name
        assert app.tasks[name].expires <= max(60 * every, 10), name


def test_a_task_cannot_be_restored_while_it_honestly_runs() -> None:
    visible_again = configuration(Settings(data="x"))["broker_transport_options"]["visibility_timeout"]
    assert visible_again > 2 * SLICE
    assert visible_again > SEND_LIMIT


def test_each_queue_is_asked_for_a_sign_of_life() -> None:
    asked = {row["options"]["queue"]: row["args"] for row in beat_table().values() if row["task"] == "alive"}
    assert asked == {queue: (queue,) for queue in QUEUES}


def test_every_scheduled_task_exists_and_has_a_queue() -> None:
    for row in beat_table().values():
        assert row["task"] in app.tasks


def test_every_task_goes_to_its_queue() -> None:
    sent = {name: app.amqp.router.route({}, name)["queue"].name for name in _OURS}
    assert sent["publish"] == sent["publish_due"] == sent["reconcile"] == "publish"
    assert (sent["pull"], sent["assess"], sent["draft"], sent["deliver_alerts"]) == ("pull", "assess", "draft", "alert")
    assert set(sent.values()) == set(QUEUES)


def test_the_broker_is_the_one_in_the_settings() -> None:
    settings = Settings(data="x", broker_url="redis://broker.example:6379/3")
    assert configuration(settings)["broker_url"] == "redis://broker.example:6379/3"
    assert "AMENDS_BROKER_URL" not in os.environ
