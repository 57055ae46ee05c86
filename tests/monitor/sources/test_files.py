"""A file is checked first and then read; whatever is wrong with it is said, and what is right is kept."""

import gzip
import json
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.errors import BadInput
from monitor.sources.files import SHOWN, FileReport, Options, check, read
from monitor.sources.opening import LINE_LIMIT
from tests.monitor.sources.making import csv_file, json_lines, zipped

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FLAT = 24 * 1024 * 1024  # bytes: what reading any file may take at most


def texts(path: Path, options: Options | None = None) -> list[str]:
    return [row.post.text for row in read(path, options) if row.post]


def reasons(report: FileReport) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in report.refused]


# What kinds of file are read


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "text", "user"], ["1", "one, two; three | four\tfive", "bo"], ["2", 'she said "no"\nand left', "di"]]
    path = csv_file(tmp_path / "posts.csv", rows, delimiter=delimiter)
    report = check(path)
    assert (report.format, report.delimiter, report.rows, report.refused_total) == ("csv", delimiter, 2, 0)
    assert report.columns == {"text": "text", "id": "id", "author": "user"}
    assert texts(path) == ["one, two; three | four\tfive", 'she said "no"\nand left']


def test_a_spreadsheet_may_name_its_delimiter_in_a_first_line(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("sep=;\r\ntext;likes\r\nbroken;3\r\n", encoding="utf-8")
    assert texts(path) == ["broken"]


def test_a_file_of_one_column_may_hold_commas(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('text\nlate, again\n"two\nlines"\n', encoding="utf-8")
    assert texts(path) == ["late, again", "two\nlines"]


def test_columns_without_a_name_or_with_the_same_one_are_all_kept(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "posts.csv", [["", "text", "text"], ["0", "first", "second"]])
    post = next(iter(read(path))).post
    assert post is not None
    assert (post.text, post.extra) == ("first", {"column 1": "0", "text (3)": "second"})


@pytest.mark.parametrize("layout", ["lines", "array", "pretty array", "zipped lines"])
def test_json_lines_and_arrays_are_read_whatever_the_file_is_called(tmp_path: Path, layout: str) -> None:
    posts = [{"id": str(n), "text": f"late, day {n} 😤", "tags": ["a"]} for n in range(3000)]
    path = tmp_path / "posts.dat"
    if layout == "array":
        path.write_text(json.dumps(posts), encoding="utf-8")
    elif layout == "pretty array":
        path.write_text("\n" + json.dumps(posts, indent=2), encoding="utf-8")
    else:
        json_lines(path, posts)
    if layout == "zipped lines":
        zipped(path, path.read_bytes())
    report = check(path)
    assert (report.rows, report.refused_total) == (3000, 0)
    assert (report.format, report.compressed) == ("json" if "array" in layout else "jsonl", layout == "zipped lines")
    assert texts(path)[-1] == "late, day 2999 😤"


def test_a_pretty_array_names_the_line_of_a_bad_post(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text('[\n  {"text": "one"},\n  {\n    "text": ""\n  },\n  7\n]', encoding="utf-8")
    assert reasons(check(path)) == [(3, "the text is blank"), (6, "a post must be a JSON object")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,user\nżółw 😤,Ela\n", encoding=encoding)
    assert texts(path) == ["żółw 😤"]
    assert check(path).encoding == encoding


def test_blank_lines_are_passed_over_and_still_count_as_lines(tmp_path: Path) -> None:
    lines, table = tmp_path / "posts.jsonl", tmp_path / "posts.csv"
    lines.write_text('\n\n{"text": "one"}\n\n{"text": "two"}', encoding="utf-8")
    table.write_text(" \n\nid;text\n\n1;one\n", encoding="utf-8")
    assert [(row.number, row.line) for row in read(lines)] == [(1, 3), (2, 5)]
    assert [(row.number, row.line) for row in read(table)] == [(1, 5)]


# What cannot be read as a file of posts


def test_what_is_no_file_of_posts_is_refused_with_what_to_do(tmp_path: Path) -> None:
    empty, header = tmp_path / "empty.csv", tmp_path / "header.csv"
    empty.touch()
    header.write_text("id,text\n", encoding="utf-8")
    blank = tmp_path / "blank.csv"
    blank.write_text("\n \n\n", encoding="utf-8")
    noise = tmp_path / "noise.bin"
    noise.write_bytes(random.Random(1).randbytes(5000))
    book = tmp_path / "posts.xlsx"
    book.write_bytes(b"PK\x03\x04" + bytes(50))
    wide = tmp_path / "wide.csv"
    wide.write_bytes("text\nhello\n".encode("utf-16-le"))
    for path, message in [
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere.csv", "check its name"),
        (Path("/dev/null"), "not a plain file"),
        (empty, "is empty"),
        (zipped(tmp_path / "empty.gz", b""), "is empty"),
        (header, "holds no posts"),
        (blank, "names no column"),
        (noise, "binary"),
        (book, "save the sheet as CSV"),
        (wide, "--encoding utf-16-le"),
        (zipped(tmp_path / "twice.gz", gzip.compress(b"text\nhello\n")), "unpack it once"),
    ]:
        with pytest.raises(BadInput, match=message):
            check(path)


def test_utf_16_without_a_mark_is_read_when_told(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes("text\nhello\n".encode("utf-16-le"))
    assert texts(path, Options(encoding="utf-16-le")) == ["hello"]


def test_a_header_without_a_text_column_shows_its_columns_and_the_way_out(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "posts.csv", [["nr", "Kommentar"], ["1", "kaputt"]])
    with pytest.raises(BadInput, match='"nr", "Kommentar": say --map text=NAME'):
        check(path)
    assert texts(path, Options(mapping={"text": "kommentar"})) == ["kaputt"]


def test_a_delimiter_nobody_uses_is_named_by_the_operator(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "posts.csv", [["id", "text"], ["1", "late"]], delimiter="^")
    with pytest.raises(BadInput, match="--delimiter"):
        check(path)
    assert texts(path, Options(delimiter="^")) == ["late"]


def test_a_delimiter_is_one_character_or_the_word_tab(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "posts.csv", [["id", "text"], ["1", "late"]], delimiter="\t")
    assert texts(path, Options(delimiter="tab")) == ["late"]
    with pytest.raises(BadInput, match="one character"):
        check(path, Options(delimiter=";;"))


@pytest.mark.parametrize(
    "make", [lambda path: csv_file(path, [["text"], ["late"]]), lambda path: json_lines(path, [{"text": "late"}])]
)
def test_a_mapping_to_a_column_that_is_not_there_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(BadInput, match='no column "Liked"'):
        check(make(tmp_path / "posts"), Options(mapping={"likes": "Liked"}))


def test_a_nested_column_can_be_mapped(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "posts.jsonl", [{"text": "late", "author": {"nick": "bo"}}])
    report = check(path, Options(mapping={"author": "author.nick"}))
    assert report.columns == {"text": "text", "author": "author.nick"}


def test_a_file_that_is_not_utf_8_is_refused_whole_and_read_when_told(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes("text\nplain\ncafé fermé\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"byte 4 of the line \(0xE9\) is not UTF-8.*--encoding latin-1") as caught:
        check(path)
    assert caught.value.where == "line 3"
    assert texts(path, Options(encoding="latin-1")) == ["plain", "café fermé"]
    with pytest.raises(BadInput, match='no encoding "klingon"'):
        check(path, Options(encoding="klingon"))


def test_an_array_that_is_not_utf_8_names_the_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_bytes('[\n{"text": "plain"},\n{"text": "café"}\n]'.encode("latin-1"))
    with pytest.raises(BadInput, match=r"byte 14 of the line \(0xE9\)") as caught:
        check(path)
    assert caught.value.where == "line 3"


# What costs one row


def test_one_damaged_row_of_good_utf_8_costs_that_row(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes("text\nżółw\n".encode() + b"caf\xe9\n" + b"last\n")
    report = check(path)
    assert [line for line, _ in reasons(report)] == [3]
    assert texts(path) == ["żółw", "last"]


def test_a_csv_cut_off_inside_a_quotation_loses_that_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,"whole"\n2,"cut off he', encoding="utf-8")
    report = check(path)
    assert reasons(report) == [(3, "a quotation mark opens in this line and is never closed")]
    assert texts(path) == ["whole"]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,"stray\n' + "".join(f"{n},row {n}\n" for n in range(2, 200)), encoding="utf-8")
    assert [line for line, _ in reasons(check(path))] == [2]
    assert texts(path) == [f"row {n}" for n in range(2, 200)]


def test_two_stray_quotation_marks_do_not_melt_rows_into_one(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,"stray\n2,fine\n3,"stray too\n4,last\n', encoding="utf-8")
    assert texts(path) == ["fine", "last"]
    assert [line for line, _ in reasons(check(path))] == [2, 4]


def test_a_row_with_too_many_or_too_few_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,text,likes\n1,well, well,3\n2,short\n3,good,1,,\n", encoding="utf-8")
    assert [line for line, _ in reasons(check(path))] == [2, 3]
    assert texts(path) == ["good"]


@pytest.mark.parametrize(
    "line", ['{"text": "cut', '["text"]', '"text"', "nonsense", "[" * 100_000, '{"text": ' + "9" * 5000 + "}"]
)
def test_a_line_that_is_no_json_object_costs_that_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(f'{{"text": "one"}}\n{line}\n{{"text": "two"}}\n', encoding="utf-8")
    assert [number for number, _ in reasons(check(path))] == [2]
    assert texts(path) == ["one", "two"]


def test_a_gzip_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    noise = random.Random(2)
    lines = "".join(json.dumps({"id": n, "text": f"late {noise.random()}"}) + "\n" for n in range(5000))
    path = zipped(tmp_path / "posts.jsonl.gz", lines.encode())
    path.write_bytes(path.read_bytes()[:-2000])
    report = check(path)
    assert report.rows > 4000
    assert report.refused_total == 1
    assert reasons(report) == [
        (report.rows + 1, "the compressed file is cut off or damaged here; what came before was read")
    ]
    assert len(texts(path)) == report.rows


@pytest.mark.parametrize("keep", [4, 15])
def test_a_gzip_cut_off_at_its_start_is_refused(tmp_path: Path, keep: int) -> None:
    path = zipped(tmp_path / "posts.gz", b"text\nhello\n")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadInput, match="cut off or damaged"):
        check(path)


def test_an_array_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "posts.json"
    path.write_text('[{"text": "one"},\n{"text": "two"},\n{"te', encoding="utf-8")
    ((line, reason),) = reasons(check(path))
    assert line == 3
    assert "breaks off or is damaged here" in reason
    assert "nothing after it was read" in reason
    assert texts(path) == ["one", "two"]


def test_a_second_array_in_a_file_does_not_vanish_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text('[{"text": "one"}]\n\n[{"text": "two"}]\n', encoding="utf-8")
    assert [line for line, reason in reasons(check(path)) if "was not read" in reason] == [3]
    path.write_text('[{"text": "one"}]' + "\n" * 100_000, encoding="utf-8")
    assert reasons(check(path)) == []


@pytest.mark.parametrize("encoding", ["idna", "utf-32"])
def test_an_encoding_that_cannot_read_the_file_is_said(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path / "posts.csv", [["text"], ["one lamp"]])
    with pytest.raises(BadInput, match=f"cannot be read as {encoding}"):
        check(path, Options(encoding=encoding))


# What must not take memory


@pytest.mark.parametrize("kind", ["csv", "jsonl", "quoted", "json"])
def test_a_line_of_64_mb_is_refused_without_being_held(tmp_path: Path, kind: str) -> None:
    before, after = {
        "csv": (b"text\nfirst\n", b"\nlast\n"),
        "jsonl": (b'{"text": "first"}\n', b'\n{"text": "last"}\n'),
        "quoted": (b'id,text\n1,first\n2,"', b'"\n3,last\n'),
        "json": (b'[{"text": "first"},\n{"text": "', b'"}, {"text": "last"}]'),
    }[kind]
    path = tmp_path / f"posts.{kind}.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(before)
        for _ in range(64):
            file.write(b"a" * 1024 * 1024)
        file.write(after)
    tracemalloc.start()
    report = check(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < FLAT
    assert report.refused_total == 1
    assert texts(path) == (["first"] if kind == "json" else ["first", "last"])


def test_a_quotation_over_many_lines_ends_where_a_row_must(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    filler = "".join(f"{n},row {n} {'of many ' * 30}\n" for n in range(8_000))
    assert len(filler) > LINE_LIMIT
    path.write_text('id,text\nx,"open\n' + filler, encoding="utf-8")
    report = check(path)
    assert (report.rows, report.refused_total) == (8_000, 1)


def test_memory_stays_flat_however_many_rows_there_are(tmp_path: Path) -> None:
    rows = ([n, f"my parcel {n} is still not here {'!' * 400}", f"user{n}"] for n in range(8_000))
    path = csv_file(tmp_path / "posts.csv", [["id", "text", "author"], *rows])
    tracemalloc.start()
    count = sum(1 for _ in read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_000
    assert peak < path.stat().st_size


# What the check reports


def test_the_check_says_what_was_assumed(tmp_path: Path) -> None:
    path = json_lines(
        tmp_path / "posts.jsonl",
        [
            {"id": 1, "text": "a", "date": "2024-05-31 10:00"},
            {"id": 2, "text": "b" * 50_001, "date": "2024-05-31T10:00Z"},
            {"id": 1, "text": "c", "date": "2024-06-02T10:00Z"},
            {"text": "d"},
        ],
    )
    report = check(path, now=NOW)
    assert (report.rows, report.repeated) == (4, 1)
    assert report.notes == (
        "1 row with a date that names no time zone: read as UTC.",
        "1 row without a date: the clock of each starts when it is stored.",
        "1 row without an id: known again by platform, author, time and text.",
        "1 row with a text of more than 50,000 characters: the first 50,000 are kept.",
        "1 row dated in the future: the clock of each starts when it is stored.",
        "1 row repeating an earlier post (line 3): each post is stored once.",
    )


def test_one_id_on_two_platforms_is_not_repeated(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "posts.jsonl", [{"id": 1, "text": "a"}, {"id": 1, "text": "a", "platform": "x"}])
    assert check(path).repeated == 0


def test_the_list_of_refusals_is_short_and_their_count_whole(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "posts.jsonl", [{"text": ""}] * 250)
    report = check(path)
    assert (len(report.refused), report.refused_total, report.rows) == (SHOWN, 250, 0)


def test_the_digest_tells_one_file_from_another(tmp_path: Path) -> None:
    one = json_lines(tmp_path / "one.jsonl", [{"text": "a"}])
    two = json_lines(tmp_path / "two.jsonl", [{"text": "b"}])
    again = json_lines(tmp_path / "again.jsonl", [{"text": "a"}])
    assert check(one).digest == check(again).digest != check(two).digest


def test_progress_is_told_now_and_then(tmp_path: Path) -> None:
    told: list[int] = []
    check(json_lines(tmp_path / "posts.jsonl", [{"text": str(n)} for n in range(2500)]), progress=told.append)
    assert told == [1000, 2000]


def test_an_interrupted_import_resumes_at_the_row_it_had_come_to(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text\n1,one\n2,\n3,"three\nlines"\n4,four\n', encoding="utf-8")
    whole = list(read(path))
    assert [row.number for row in whole] == [1, 2, 3, 4]
    assert [row.line for row in whole] == [2, 3, 4, 6]
    for done in range(5):
        assert list(read(path, skip=done)) == whole[done:]
