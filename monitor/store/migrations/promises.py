"""Triggers for what foreign keys alone cannot keep.

SQLite checks foreign keys only in connections that ask for it, and the `sqlite3` shell does not; a trigger fires
for everybody. Its INSERT OR REPLACE deletes what is in the way without a word, so a row that is there already is
refused before it comes to that. On both databases the words of a revision never change: they can only be purged;
and a sending whose end is known, or in doubt, never becomes one to try again. A migration that rebuilds one of these
tables on SQLite must create its triggers again.
"""

_STANDING = """SELECT 1 FROM review WHERE id = NEW.review_id AND case_id = NEW.case_id
    AND draft_id = NEW.draft_id AND decision = 'approve' AND standing"""

_RETRIED = """(OLD.state IN ('sent', 'refused', 'undone') AND NEW.state <> OLD.state)
    OR (OLD.state = 'missing' AND NEW.state NOT IN ('missing', 'sent'))
    OR (OLD.state = 'uncertain' AND NEW.state NOT IN ('uncertain', 'sent', 'missing'))"""

_PUBLISHED = "EXISTS (SELECT 1 FROM publication WHERE review_id = OLD.id)"

SQLITE = (
    f"""CREATE TRIGGER publication_needs_review BEFORE INSERT ON publication
    WHEN NOT EXISTS ({_STANDING}) OR NEW.decision <> 'approve' OR NOT NEW.standing
    BEGIN SELECT RAISE(ABORT, 'a publication needs a standing approval of this very revision'); END""",
    """CREATE TRIGGER publication_is_new BEFORE INSERT ON publication
    WHEN EXISTS (SELECT 1 FROM publication WHERE id = NEW.id OR review_id = NEW.review_id OR key = NEW.key
    OR (case_id = NEW.case_id AND state IN ('sending', 'uncertain') AND NEW.state IN ('sending', 'uncertain')))
    BEGIN SELECT RAISE(ABORT, 'a review is published once, and a case has one reply under way'); END""",
    f"""CREATE TRIGGER publication_is_not_retried BEFORE UPDATE OF state ON publication WHEN {_RETRIED}
    BEGIN SELECT RAISE(ABORT, 'what was sent, or may have been, is never sent again'); END""",
    """CREATE TRIGGER publication_keeps_review BEFORE UPDATE ON publication
    WHEN NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.review_id <> OLD.review_id OR NEW.case_id <> OLD.case_id OR NEW.draft_id <> OLD.draft_id
    OR NEW.decision <> OLD.decision OR NEW.standing <> OLD.standing
    BEGIN SELECT RAISE(ABORT, 'a publication stays with its review'); END""",
    f"""CREATE TRIGGER review_published_stands BEFORE UPDATE ON review
    WHEN {_PUBLISHED} AND (NEW.id <> OLD.id OR NEW.case_id <> OLD.case_id OR NEW.draft_id <> OLD.draft_id
    OR NEW.decision <> OLD.decision OR NEW.standing <> OLD.standing OR NEW.user_id <> OLD.user_id)
    BEGIN SELECT RAISE(ABORT, 'a review that was published cannot be undone'); END""",
    f"""CREATE TRIGGER review_published_stays BEFORE DELETE ON review WHEN {_PUBLISHED}
    BEGIN SELECT RAISE(ABORT, 'a review that was published cannot be removed'); END""",
    """CREATE TRIGGER review_names_person_and_revision BEFORE INSERT ON review
    WHEN NOT EXISTS (SELECT 1 FROM "user" WHERE id = NEW.user_id)
    OR NOT EXISTS (SELECT 1 FROM draft WHERE id = NEW.draft_id AND case_id = NEW.case_id)
    OR EXISTS (SELECT 1 FROM review WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a review names a person and a revision of its case'); END""",
    """CREATE TRIGGER draft_is_new BEFORE INSERT ON draft
    WHEN EXISTS (SELECT 1 FROM draft WHERE id = NEW.id OR (case_id = NEW.case_id AND revision = NEW.revision))
    BEGIN SELECT RAISE(ABORT, 'a revision never changes: write a new one'); END""",
    """CREATE TRIGGER draft_text_stays BEFORE UPDATE ON draft
    WHEN NEW.id <> OLD.id OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text) OR NEW.case_id <> OLD.case_id
    OR NEW.revision <> OLD.revision OR NEW.mention_id <> OLD.mention_id OR NEW.purpose <> OLD.purpose
    BEGIN SELECT RAISE(ABORT, 'a revision never changes: write a new one'); END""",
    """CREATE TRIGGER draft_stays BEFORE DELETE ON draft
    WHEN EXISTS (SELECT 1 FROM review WHERE draft_id = OLD.id)
    BEGIN SELECT RAISE(ABORT, 'a reviewed revision cannot be removed'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION draft_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (NEW.text IS NOT NULL AND NEW.text IS DISTINCT FROM OLD.text) OR NEW.case_id <> OLD.case_id
         OR NEW.revision <> OLD.revision OR NEW.mention_id <> OLD.mention_id OR NEW.purpose <> OLD.purpose THEN
        RAISE EXCEPTION 'a revision never changes: write a new one';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER draft_text_stays BEFORE UPDATE ON draft
    FOR EACH ROW EXECUTE FUNCTION draft_text_stays()""",
    """CREATE FUNCTION review_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.user_id <> OLD.user_id AND EXISTS (SELECT 1 FROM publication WHERE review_id = OLD.id) THEN
        RAISE EXCEPTION 'a review that was published stays with its person';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER review_published_stays BEFORE UPDATE ON review
    FOR EACH ROW EXECUTE FUNCTION review_published_stays()""",
    f"""CREATE FUNCTION publication_is_not_retried() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF {_RETRIED} OR NEW.key <> OLD.key OR NEW.review_id <> OLD.review_id THEN
        RAISE EXCEPTION 'what was sent, or may have been, is never sent again';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER publication_is_not_retried BEFORE UPDATE ON publication
    FOR EACH ROW EXECUTE FUNCTION publication_is_not_retried()""",
)


def statements(dialect: str) -> tuple[str, ...]:
    """Return the triggers for a dialect."""
    return SQLITE if dialect == "sqlite" else POSTGRESQL
