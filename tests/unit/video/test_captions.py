"""Uploaded captions come out as clean WebVTT, or with the number of the line that is wrong."""

import pytest
from hypothesis import given, strategies as st

from lms.video.domain.captions import REASONS, CaptionError, Cue, Limits, render, to_webvtt

SRT = "1\n00:00:01,000 --> 00:00:03,500\n各位工会主席，\n大家好。\n\n2\n00:00:04,000 --> 00:00:05,000\n第二条\n"
CLEAN = "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n各位工会主席，\n大家好。\n\n00:00:04.000 --> 00:00:05.000\n第二条\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_srt_in_the_usual_encodings(encoding: str, newline: str) -> None:
    assert to_webvtt(SRT.replace("\n", newline).encode(encoding)) == CLEAN


def test_webvtt_loses_its_decoration_and_keeps_its_words() -> None:
    text = (
        "WEBVTT - 标题\nKind: captions\n\nSTYLE\n::cue { background: url(//evil) }\n\nNOTE 说明\n\nREGION\nid:a\n\n"
        "名字\n00:01.000 --> 00:03.500 align:start line:0%\n<v 老师>各位<b>工会</b>主席，</v>\n<00:02.000>大家好。\n\n"
        "01:00:04.000 --> 01:00:05.000\n{\\an8}1 &lt; 2 &amp; 3 &gt; 2&nbsp;\u202e<script>alert(1)</script>\n"
    )
    assert to_webvtt(text.encode()) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n各位工会主席，\n大家好。\n\n"
        "01:00:04.000 --> 01:00:05.000\n1 &lt; 2 &amp; 3 &gt; 2 alert(1)\n"
    )


def test_what_it_writes_it_reads_back_unchanged() -> None:
    assert to_webvtt(CLEAN.encode()) == CLEAN


def test_cues_come_in_order_of_time_and_empty_ones_go() -> None:
    text = "00:05.000 --> 00:06.000\n后\n\n00:01.000 --> 00:02.000\n先\n\n00:03.000 --> 00:04.000\n<i></i>\n"
    assert to_webvtt(text.encode()).split("\n")[2::3] == [
        "00:00:01.000 --> 00:00:02.000",
        "00:00:05.000 --> 00:00:06.000",
    ]


def test_a_number_is_looked_for_in_the_order_in_which_cues_are_kept() -> None:
    parts = ((1, "330106"), (20, "甲"), (21, "乙"), (2, "19800101"), (22, "丙"), (23, "丁"), (3, "003X"))
    cues = [f"00:{at:02}.000 --> 00:{at + 1:02}.000\n{text}\n" for at, text in parts]
    with pytest.raises(CaptionError) as refused:
        to_webvtt("\n".join(cues).encode())
    assert (refused.value.line, refused.value.reason) == (19, "number")


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 0, "empty"),
        (b"WEBVTT\n\n", 0, "empty"),
        (b"\xff\xff\xff", 0, "encoding"),
        (b"a\0b", 0, "encoding"),
        (b"\xff\xfeabc", 0, "encoding"),
        ("今天讲劳动关系。".encode(), 1, "format"),
        (b"#EXTM3U\nsegment.ts\n", 1, "format"),
        (SRT.replace("00:00:04,000", "00:00:64,000").encode(), 7, "time"),
        (SRT.replace("00:00:04,000", "four").encode(), 7, "time"),
        (SRT.replace("00:00:05,000", "00:00:04,000").encode(), 7, "order"),
        (SRT.replace("00:00:04,000 --> 00:00:05", "00:00:20,000 --> 00:00:25").encode(), 6, "beyond"),
        (SRT.replace("第二条", "长" * 401).encode(), 6, "too_long"),
        (SRT.replace("第二条", "身份证号 110101 19900307 887X").encode(), 6, "number"),
        (
            "1\n00:00:01,000 --> 00:00:02,000\n身份证号是440301\n\n2\n00:00:02,000 --> 00:00:03,000\n19850228\n\n"
            "3\n00:00:03,000 --> 00:00:04,000\n1234\n".encode(),
            9,
            "number",
        ),
        (b"x" * 2_000_001, 0, "too_large"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(CaptionError) as error:
        to_webvtt(data, duration_ms=10_000)
    assert (error.value.line, error.value.reason) == (line, reason)
    assert error.value.fields == {"captions": REASONS[reason]}
    assert not line or (REASONS[reason] % error.value.extra).startswith(f"第 {line} 行")


def test_the_number_of_cues_is_bounded() -> None:
    with pytest.raises(CaptionError) as error:
        to_webvtt(SRT.encode(), limits=Limits(max_cues=1))
    assert error.value.reason == "too_many"


@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=400).map(lambda text: SRT.encode() + text.encode("utf-8", "replace"))
    )
)
def test_no_file_brings_markup_or_an_unforeseen_error(data: bytes) -> None:
    try:
        written = to_webvtt(data)
    except CaptionError:
        return
    assert written.startswith("WEBVTT\n\n")
    assert "<" not in written
    assert to_webvtt(written.encode()) == written


def test_cues_are_written_with_hours_and_without_markup() -> None:
    assert render([Cue(0, 3_723_004, "甲 & <乙>")]) == (
        "WEBVTT\n\n00:00:00.000 --> 01:02:03.004\n甲 &amp; &lt;乙&gt;\n"
    )
