import logging
from email import message_from_string
from threading import Event

import pytest

from monitor.domain.errors import BadInput
from responders import notifiers
from responders.notifiers.apprise_notifier import AppriseNotifier, describe
from responders.ports import Alert, NotifyFailed
from tests.responders.servers import mailbox, webhook

ALERT = Alert(
    "Urgent: safety - Vela",
    "safety, ~6,000 people: https://amends.example/cases/12\nand 4 more in the last ten minutes",
    "https://amends.example/cases/12",
)


def test_a_webhook_gets_the_title_the_body_and_the_urgency() -> None:
    with webhook() as inbox:
        AppriseNotifier().notify(ALERT, [inbox.url])
    (got,) = inbox.got
    assert (got["title"], got["message"], got["type"]) == (ALERT.title, ALERT.body, "failure")


def test_a_mail_arrives_with_the_link_and_every_line() -> None:
    with mailbox() as inbox:
        AppriseNotifier().notify(ALERT, [inbox.url])
    mail = message_from_string(inbox.got[0])
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    body = b"".join(part for part in parts if isinstance(part, bytes)).decode()
    assert mail["Subject"] == ALERT.title
    assert mail["To"] == "pr@vela.example"
    assert "https://amends.example/cases/12" in body
    assert "and 4 more in the last ten minutes" in body


def test_a_link_that_the_body_does_not_name_is_added() -> None:
    with webhook() as inbox:
        AppriseNotifier().notify(Alert("Urgent", "safety", "https://amends.example/cases/3"), [inbox.url])
    assert inbox.got[0]["message"] == "safety\nhttps://amends.example/cases/3"


def test_a_failure_says_why_without_the_secrets_of_the_route(caplog: pytest.LogCaptureFixture) -> None:
    with webhook() as inbox, caplog.at_level(logging.DEBUG):
        inbox.answers = [500]
        with pytest.raises(NotifyFailed, match=r"JSON: .*error=500") as failed:
            AppriseNotifier().notify(ALERT, [inbox.url])
    assert failed.value.permanent is False
    assert "s3cr3t" not in str(failed.value) + caplog.text


def test_a_server_that_is_not_there_is_a_passing_fault() -> None:
    with webhook() as inbox:
        pass
    with pytest.raises(NotifyFailed, match="Connection error") as failed:
        AppriseNotifier().notify(ALERT, [inbox.url])
    assert failed.value.permanent is False


def test_a_server_that_does_not_answer_is_left_after_the_time_out() -> None:
    with webhook() as inbox:
        inbox.hold = Event()
        with pytest.raises(NotifyFailed, match="no answer in time") as failed:
            AppriseNotifier(timeout=0.2).notify(ALERT, [inbox.url])
        inbox.hold.set()
    assert failed.value.permanent is False


def test_one_bad_route_does_not_keep_the_others_from_being_told() -> None:
    with webhook() as inbox:
        with pytest.raises(NotifyFailed, match="does not understand this address") as failed:
            AppriseNotifier().notify(ALERT, ["pigeon://roof", inbox.url])
        assert len(inbox.got) == 1
    assert failed.value.permanent is True


def test_a_passing_fault_beside_a_lasting_one_is_worth_another_try() -> None:
    with webhook() as inbox:
        inbox.answers = [503]
        with pytest.raises(NotifyFailed) as failed:
            AppriseNotifier().notify(ALERT, ["pigeon://roof", inbox.url])
    assert failed.value.permanent is False


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("json://ops.example.com/hooks/s3cr3t", "JSON at ops.example.com"),
        ("mailto://maria:s3cr3t@example.com", "E-Mail at example.com"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "Slack"),
    ],
)
def test_a_route_is_described_by_its_service_and_never_by_its_secrets(url: str, label: str) -> None:
    assert describe(url) == label


@pytest.mark.parametrize("url", ["", "pigeon://roof", "maria@example.com", "slack://too-short"])
def test_an_address_apprise_does_not_understand_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadInput, match="mailto://user:password@host") as refused:
        describe(url)
    assert refused.value.where == "url"


def test_the_registry_names_what_there_is() -> None:
    assert isinstance(notifiers.load("apprise"), AppriseNotifier)
    with pytest.raises(BadInput, match="Choose one of: apprise, console"):
        notifiers.load("pigeon")
