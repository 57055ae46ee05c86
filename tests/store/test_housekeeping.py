from datetime import datetime, timedelta

from monitor import intake
from monitor.domain.lifecycle import Role
from monitor.domain.records import Author, Post
from monitor.store import brands, housekeeping, mentions, users
from monitor.store.engine import Store, take_lease


def test_what_a_dead_judge_had_claimed_is_free_again(store: Store, now: datetime) -> None:
    with store.unit_of_work() as work:
        brand = brands.create(work, "acme", "Acme", now)
    intake.add_posts(store, brand, [Post("x", "p1", "It broke.", Author("ann", "ann"), written_at=now)], now)
    with store.unit_of_work() as work:
        assert len(mentions.claim_waiting(work, 10, now)) == 1
        assert mentions.claim_waiting(work, 10, now) == []
        assert housekeeping.release_mentions(work) == 1
        assert len(mentions.claim_waiting(work, 10, now)) == 1


def test_a_lease_is_given_back_by_its_holder_only(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with store.unit_of_work() as work:
        assert take_lease(work, "relay", "one", now, later)
        housekeeping.release_lease(work, "relay", "two")
        assert not take_lease(work, "relay", "two", now, later)
        housekeeping.release_lease(work, "relay", "one")
        assert take_lease(work, "relay", "two", now, later)
        housekeeping.release_lease(work, "relay")
        assert take_lease(work, "relay", "three", now, later)


def test_what_ran_out_is_swept_and_what_is_in_use_stays(store: Store, now: datetime) -> None:
    hour, year = timedelta(hours=1), timedelta(days=365)
    with store.unit_of_work() as work:
        ada = users.add(work, "ada@example.com", "Ada", "x", Role.ADMIN, now)
        users.start_session(work, "new", ada, "c", now, now + hour)
        users.start_session(work, "old", ada, "c", now - year, now - hour)
        users.add_invite(work, "link", Role.AGENT, now - year)
        users.first_time(work, ada, "then", "d", now - year)
        users.first_time(work, ada, "now", "d", now)
        assert housekeeping.sweep_out(work, now) == {"sessions": 1, "links": 1, "answers": 1}
        assert users.session_of(work, "new", now) is not None
        assert users.first_time(work, ada, "now", "d", now) is not None
        assert users.first_time(work, ada, "then", "d", now) is None
