"""Figures against labelled sentences, and scoring line by line."""

from __future__ import annotations

import json
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import yeoron
from data.events import load
from data.store import Store
from nlp.compare import compare, kappa, mcnemar_p
from nlp.evaluate import BadRows, Row, answers, confusion, evaluate, figures, read_rows, score, side_by_side
from nlp.scorers import Reading
from tests.tiny_model import build

EVENT = load("kakao-outage-2022")
HEAD = "polarity\tthemes\ttargets\ttext\n"


class Worded:
    """A scorer that reads the tone off one word: 화남, 기쁨, 글쎄 (torn), else neutral. Vectors say nothing."""

    name, model_id, sha256, undecided_below = "worded", "worded-0", "0" * 64, 0.5
    tones = {"화남": (0.8, 0.1, 0.1), "기쁨": (0.1, 0.1, 0.8), "글쎄": (0.45, 0.15, 0.4)}

    def read(self, texts: Sequence[str]) -> Reading:
        rows = [next((tone for word, tone in self.tones.items() if word in text), (0.1, 0.8, 0.1)) for text in texts]
        return Reading(
            np.array(rows, np.float32).reshape(-1, 3),
            np.ones((len(texts), 1, 4), np.float32),
            np.zeros((len(texts), 0)),
        )


def row(polarity: str, text: str, themes: str = "", targets: str = "") -> Row:
    return Row(polarity, frozenset(filter(None, themes.split(","))), frozenset(filter(None, targets.split(","))), text)


def test_polarity_figures() -> None:
    rows = [
        row("neg", "카톡이 화남"),
        row("neg", "카톡이 조용"),
        row("neu", "카톡이 글쎄"),
        row("pos", "카톡이 기쁨"),
        row("pos", "ㅋㅋㅋ"),
    ]
    figures = evaluate(EVENT, Worded(), rows)["polarity"]
    assert figures["accuracy"] == 0.4
    assert (figures["undecided"], figures["undecided_share"], figures["unscored"]) == (1, 0.2, 1)
    assert figures["per_class"]["neg"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2}
    assert figures["per_class"]["neu"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 1}
    assert figures["per_class"]["pos"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "n": 2}
    assert figures["macro_f1"] == pytest.approx((0.5 + 0 + 0.6667) / 3, abs=1e-4)


def test_a_text_of_several_sentences_is_one_unit_weighted_by_length() -> None:
    rows = [
        row("neg", "화남. 하지만 이 글의 나머지는 그저 사실을 길게 적어 둔 것이다."),
        row("neg", "정말 정말 너무 화남. 끝."),
    ]
    figures = evaluate(EVENT, Worded(), rows)["polarity"]
    assert figures["accuracy"] == 0.5


def test_theme_and_target_figures() -> None:
    rows = [
        row("neu", "환불과 보상은 언제 받나요?", "compensation", ""),
        row("neu", "카톡이 먹통이다.", "outage,recovery", "kakaotalk,kakao"),
        row("neu", "네이버는 돌아왔다.", "", ""),
    ]
    figures = evaluate(EVENT, Worded(), rows)
    assert figures["n"] == 3
    assert figures["targets"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert figures["themes"]["per_theme"]["compensation"]["recall"] == 1.0
    assert figures["themes"]["per_theme"]["recovery"]["n"] == 1
    unmeasured = [one for one in figures["themes"]["per_theme"].values() if one["f1"] is None]
    assert len(unmeasured) >= 3
    assert all(one == {"precision": None, "recall": None, "f1": None, "n": 0} for one in unmeasured)


def test_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(
        ("\ufeff" + HEAD + 'neg\toutage,recovery\tkakaotalk\t카톡이 "먹통"\r\npos\t-\t-\t고마워요\n').encode()
    )
    assert read_rows(path, EVENT) == [
        row("neg", '카톡이 "먹통"', "outage,recovery", "kakaotalk"),
        row("pos", "고마워요"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("polarity\ttext\nneg\t화남\n", r"line 1: column themes, targets is missing; the first line must name"),
        (HEAD + "neg\t-\t-\t화남\nbad\t-\t-\t화남\n", r"line 3: unknown polarity 'bad'; known are neg, neu, pos"),
        (HEAD + "neg\toutge\t-\t화남\n", r"line 2: unknown theme outge; known are outage"),
        (HEAD + "neg\t-\tkakao,x\t화남\n", r"line 2: unknown target x; known are .*kakao"),
        (HEAD + "neg\t-\t-\t \n", r"line 2: the text is empty"),
        (HEAD + "neg\t-\n", r"line 2: the text is empty"),
        (HEAD + "neg\t-\t-\t탭이\t있다\n", r"line 2: more cells than the heading names; put a space"),
        (HEAD + "neg\t-\t-\t" + "가" * 200_000 + "\n", r"after line 1: field larger than field limit"),
        (HEAD, r"has no rows under its heading"),
        ("", r"line 1: column polarity, themes, targets, text is missing"),
    ],
)
def test_wrong_rows_name_their_line_and_the_cure(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadRows, match=message):
        read_rows(path, EVENT)


def test_only_a_line_end_ends_a_row(tmp_path: Path) -> None:
    path, text = tmp_path / "a.tsv", "카톡이\u2028안\u2029되고\x85또\x0b안\x0c되고\x1c화남"
    path.write_bytes((HEAD + f"neg\t-\tkakaotalk\t{text}\r\npos\t-\t-\t기쁨\n").encode())
    assert read_rows(path, EVENT) == [row("neg", text, targets="kakaotalk"), row("pos", "기쁨")]
    path.write_bytes((HEAD + f"neg\t-\tkakaotalk\t{text}\r\nbad\t-\t-\t기쁨\n").encode())
    with pytest.raises(BadRows, match="line 3: unknown polarity 'bad'"):
        read_rows(path, EVENT)


def test_decomposed_letters_are_read_composed(tmp_path: Path) -> None:
    path, text = tmp_path / "a.tsv", "카카오톡이 화남."
    apart = unicodedata.normalize("NFD", text)
    path.write_text(HEAD + f"neg\t-\tkakaotalk\t{apart}\n", encoding="utf-8")
    rows = read_rows(path, EVENT)
    assert len(apart) > len(text) and rows == [row("neg", text, targets="kakaotalk")]
    assert evaluate(EVENT, Worded(), rows)["targets"]["f1"] == 1.0
    [found] = score(EVENT, Worded(), [f"{apart} 끝.\n"])
    said = [(one["start"], one["end"], one["polarity"], one["targets"]) for one in found["sentences"]]
    assert found["text"] == f"{text} 끝."
    assert said[0] == (0, len(text), "negative", ["kakaotalk"])


def test_the_kind_of_text_may_stand_in_a_fifth_column(tmp_path: Path) -> None:
    path, head = tmp_path / "a.tsv", HEAD.replace("\n", "\tkind\n")
    path.write_text(
        head + "neg\t-\t-\t화남\tblog\nneu\t-\t-\t조용\tnews\npos\t-\t-\t기쁨\t-\npos\t-\t-\t기쁨\n", "utf-8"
    )
    assert [row.kind for row in read_rows(path, EVENT)] == ["blog", "news", "unknown", "unknown"]
    path.write_text(head + "neg\t-\t-\t화남\tforum\n", "utf-8")
    with pytest.raises(BadRows, match="line 2: unknown kind 'forum'; known are blog, news, - is unknown"):
        read_rows(path, EVENT)


def test_a_file_of_another_encoding_or_none_names_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes((HEAD + "neg\t-\t-\t화남\n").encode("cp949"))
    with pytest.raises(BadRows, match="is not UTF-8 .* save it again as UTF-8"):
        read_rows(path, EVENT)
    with pytest.raises(BadRows, match="cannot be read: No such file"):
        read_rows(tmp_path / "none.tsv", EVENT)


def test_a_line_is_scored_sentence_by_sentence() -> None:
    first, empty, signs = score(EVENT, Worded(), ["카톡이 또 화남. 보상은 기쁨.\n", "\n", "ㅋㅋㅋ"])
    assert [(s["start"], s["end"], s["text"], s["polarity"]) for s in first["sentences"]] == [
        (0, 9, "카톡이 또 화남.", "negative"),
        (10, 17, "보상은 기쁨.", "positive"),
    ]
    assert first["sentences"][0]["probabilities"] == pytest.approx({"negative": 0.8, "neutral": 0.1, "positive": 0.1})
    assert first["sentences"][0]["targets"] == ["kakaotalk"]
    assert {"id", "probability"} == set(first["sentences"][1]["themes"][0])
    assert empty == {"text": "", "sentences": []}
    assert (signs["sentences"][0]["polarity"], signs["sentences"][0]["probabilities"]) == ("unscored", None)


def test_lines_are_taken_as_they_are_needed() -> None:
    taken = []

    def lines() -> Iterator[str]:
        for number in range(1000):
            taken.append(number)
            yield "카톡이 조용"

    assert next(score(EVENT, Worded(), lines()))["text"] == "카톡이 조용"
    assert len(taken) < 100


class Sour(Worded):
    """The same ear, and everything without one of the words is negative."""

    name, model_id = "sour", "sour-0"

    def read(self, texts: Sequence[str]) -> Reading:
        read = super().read(texts)
        read.probabilities[read.probabilities[:, 1] > 0.5] = (0.8, 0.1, 0.1)
        return read


def test_two_scorers_stand_side_by_side() -> None:
    rows = (
        [row("neu", f"카톡이 조용 {n}") for n in range(12)] + [row("neg", "카톡이 화남")] * 4 + [row("pos", "ㅋㅋㅋ")]
    )
    said = [answers(EVENT, scorer, rows) for scorer in (Worded(), Sour())]
    found = side_by_side(EVENT, [Worded(), Sour()], rows, said)
    assert found["scorers"] == [evaluate(EVENT, Worded(), rows), figures(EVENT, Sour(), rows, said[1])]
    [pair] = found["comparison"]
    assert pair["scorers"] == ["worded-0", "sour-0"]
    difference = found["scorers"][1]["polarity"]["accuracy"] - found["scorers"][0]["polarity"]["accuracy"]
    assert (
        pair["accuracy_difference"]["value"] == pytest.approx(difference, abs=1e-4) == pytest.approx(-12 / 17, abs=1e-4)
    )
    assert -1 <= pair["accuracy_difference"]["low"] < -12 / 17 < pair["accuracy_difference"]["high"] < 0
    f1 = [one["polarity"]["macro_f1"] for one in found["scorers"]]
    assert pair["macro_f1_difference"]["value"] == pytest.approx(f1[1] - f1[0], abs=2e-4)
    assert pair["mcnemar"] == {"only_first_right": 12, "only_second_right": 0, "p": pytest.approx(2 / 2**12, rel=1e-3)}
    assert pair["kappa"] == pytest.approx((5 / 17 - (4 * 16 + 1) / 17**2) / (1 - (4 * 16 + 1) / 17**2), abs=1e-4)


def test_a_scorer_compared_with_its_like_shows_no_difference() -> None:
    truth, said = ["neg", "neu", "pos", "neg"], ["neg", "neu", "neg", None]
    [pair] = compare(truth, {"a": said, "b": said})
    none = {"value": 0.0, "low": 0.0, "high": 0.0}
    assert (pair["accuracy_difference"], pair["macro_f1_difference"], pair["kappa"]) == (none, none, 1.0)
    assert pair["mcnemar"]["p"] == 1.0


@pytest.mark.parametrize(("first", "second", "p"), [(0, 0, 1.0), (3, 3, 1.0), (0, 5, 0.0625), (1, 8, 0.0390625)])
def test_mcnemars_exact_p(first: int, second: int, p: float) -> None:
    assert mcnemar_p(first, second) == mcnemar_p(second, first) == p


def test_kappa_is_agreement_beyond_chance() -> None:
    """The worked example: 50 proposals, both yes 20, both no 15, only A 5, only B 10; kappa .4."""
    a = ["yes"] * 25 + ["no"] * 25
    b = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert kappa(a, b) == 0.4
    assert kappa(["neg"] * 3, ["neg"] * 3) is None


def test_the_interval_is_the_same_each_time_and_narrows_with_more_rows() -> None:
    truth, a, b = ["neg", "neu"] * 20, ["neg"] * 40, ["neg", "neu", "neg", "neg"] * 10
    few = compare(truth, {"a": a, "b": b})[0]["accuracy_difference"]
    assert few == compare(truth, {"a": a, "b": b})[0]["accuracy_difference"]
    many = compare(truth * 9, {"a": a * 9, "b": b * 9})[0]["accuracy_difference"]
    assert many["value"] == few["value"] == 0.25
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 2


KINDRED = [
    Row("neg", frozenset(), frozenset(), "카톡이 화남", "blog"),
    Row("neg", frozenset(), frozenset(), "카톡이 글쎄", "blog"),
    Row("neu", frozenset(), frozenset(), "카톡이 조용", "news"),
    Row("pos", frozenset(), frozenset(), "카톡이 조용", "news"),
    Row("pos", frozenset(), frozenset(), "ㅋㅋㅋ", "news"),
]


def test_confusion_counts_what_the_product_says() -> None:
    found = confusion(KINDRED, answers(EVENT, Worded(), KINDRED))
    assert len(found) == 2 * 12
    assert {cell: n for cell, n in found.items() if n} == {
        ("blog", "negative", "negative"): 1,
        ("blog", "negative", "undecided"): 1,
        ("news", "neutral", "neutral"): 1,
        ("news", "positive", "neutral"): 1,
    }


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders with the same weights; the second calls its labels by number and has them turned."""
    folder = tmp_path_factory.mktemp("models")
    names = ("LABEL_0", "LABEL_1", "LABEL_2")
    return build(folder / "ours", calibrated=False), build(folder / "theirs", names, calibrated=False)


TURNED = ["--labels", "LABEL_0=positive", "--labels", "LABEL_1=neutral", "--labels", "LABEL_2=negative"]
TURNED_FILE = '[labels]\nLABEL_0 = "positive"\nLABEL_1 = "neutral"\nLABEL_2 = "negative"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    note = tmp_path / "note.txt"
    note.write_text(
        "카톡 먹통\n카카오톡이 15일 오후 멈췄다. 보상은 언제 하나요?\n데이터센터에서 불이 났다.", encoding="utf-8"
    )
    assert yeoron.main(["--home", str(tmp_path / "home"), "import", EVENT.id, str(note)]) == 0
    return tmp_path / "home"


def test_annotating_with_a_second_model_keeps_what_the_first_said(home: Path, models: tuple[Path, Path]) -> None:
    ours, theirs = models
    assert yeoron.main(["--home", str(home), "annotate", EVENT.id, "--scorer", f"hf:{ours}"]) == 0
    with Store.read(home) as store:
        first = list(store.rows("SELECT * FROM scores ORDER BY sentence_id"))
        themes = list(store.rows("SELECT * FROM sentence_themes ORDER BY sentence_id, theme_id"))
    assert yeoron.main(["--home", str(home), "annotate", EVENT.id, "--scorer", f"hf:{theirs}", *TURNED]) == 0
    with Store.read(home) as store:
        model = first[0]["model_id"]
        assert list(store.rows("SELECT * FROM scores WHERE model_id = ? ORDER BY sentence_id", [model])) == first
        sql = "SELECT * FROM sentence_themes WHERE model_id = ? ORDER BY sentence_id, theme_id"
        assert list(store.rows(sql, [model])) == themes
        names = [row["scorer"] for row in store.rows("SELECT scorer FROM models ORDER BY scorer")]
        assert names == ["hf:ours", "hf:theirs"]
        shown = list(store.rows("SELECT DISTINCT model_id FROM sentence_facts"))
        assert len(shown) == 1 and shown[0]["model_id"].startswith("hf:theirs-")
        both = "SELECT count(*) FROM scores a JOIN scores b USING (sentence_id) WHERE a.model_id < b.model_id"
        assert store.value(both) == len(first) == 3
        turned = "SELECT max(abs(a.negative - b.positive)) FROM scores a JOIN scores b USING (sentence_id)"
        assert store.value(f"{turned} WHERE a.model_id LIKE 'hf:ours%' AND b.model_id LIKE 'hf:theirs%'") < 1e-5


def test_evaluate_compares_and_keeps_the_confusion(
    home: Path, models: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, (ours, theirs) = tmp_path / "gold.tsv", models
    head = HEAD.replace("\n", "\tkind\n")
    file.write_text(head + "neg\t-\t-\t카톡이 화남\tblog\nneu\t-\t-\t불이 꺼졌다.\tnews\n", encoding="utf-8")
    line = ["--home", str(home), "evaluate", EVENT.id, str(file), "--scorer", f"hf:{ours}"]
    (tmp_path / "map.toml").write_text(TURNED_FILE, encoding="utf-8")
    capsys.readouterr()
    assert yeoron.main([*line, "--scorer", f"hf:{theirs}?labels={tmp_path / 'map.toml'}", "--store"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], len(found["scorers"]), len(found["comparison"])) == (2, 2, 1)
    with Store.read(home) as store:
        cells = "SELECT model_id, kind, sum(n) AS n, count(*) AS cells FROM confusion GROUP BY 1, 2 ORDER BY 1, 2"
        rows = list(store.rows(cells))
        assert [(row["model_id"][:-9], row["kind"], row["n"], row["cells"]) for row in rows] == [
            (name, kind, 1, 12) for name in ("hf:ours", "hf:theirs") for kind in ("blog", "news")
        ]
        assert store.value("SELECT count(*) FROM runs WHERE verb = 'evaluate' AND outcome = 'ok'") == 2
    file.write_text(HEAD + "neg\t-\t-\t카톡이 화남\n", encoding="utf-8")
    assert yeoron.main([*line, "--store"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"n", "scorer", "polarity", "themes", "targets"}
    with Store.read(home) as store:
        kinds = list(store.rows("SELECT DISTINCT kind FROM confusion WHERE model_id LIKE 'hf:ours%'"))
        assert kinds == [{"kind": "unknown"}]
        assert store.value("SELECT count(*) FROM confusion WHERE model_id LIKE 'hf:theirs%'") == 24


def test_a_command_that_cannot_be_meant_is_refused(
    tmp_path: Path, models: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gold.tsv"
    file.write_text(HEAD + "neg\t-\t-\t카톡이 화남\n", encoding="utf-8")
    line = ["--home", str(tmp_path / "none"), "evaluate", EVENT.id, str(file), "--scorer", f"hf:{models[0]}"]
    for more, cure in [
        (["--scorer", f"hf:{models[0]}"], "name each --scorer once"),
        (["--labels", "LABEL_9=negative"], "its labels are negative, neutral, positive"),
        (["--store"], "yeoron import"),
    ]:
        assert yeoron.main([*line, *more]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.strip().splitlines()) == 1 and cure in said.err
    with pytest.raises(SystemExit):
        yeoron.main([*line, "--labels", "LABEL_0"])
    assert "is not LABEL=POLARITY, such as LABEL_0=negative" in capsys.readouterr().err


def test_an_older_store_gets_the_table(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        today = store.value("SELECT sql FROM sqlite_master WHERE name = 'confusion'")
        store.db.execute("DROP TABLE confusion")
        store.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_confusion'")
    with Store.open(tmp_path) as store:
        assert store.value("SELECT sql FROM sqlite_master WHERE name = 'confusion'") == today


def test_the_kinds_of_the_gold_set_are_told_as_they_are() -> None:
    gold = read_rows(Path(__file__).parent.parent / "data/gold/kakao-outage-2022.tsv", EVENT)
    found = Counter((row.kind, row.polarity) for row in gold)
    news, neutral, negative, positive = (
        sum(row.kind == "news" for row in gold),
        *(found["news", p] for p in ("neu", "neg", "pos")),
    )
    told = (Path(__file__).parent.parent / "docs/gold.md").read_text("utf-8")
    assert f"Of the {news} news sentences {neutral} are neutral, {negative} negative and {positive} positive" in told
    assert {row.kind for row in gold} == {"blog", "news"} and negative + positive == 11


def test_the_commands_of_the_models_page_run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parent.parent / "docs/models.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "our-model", ("LABEL_0", "LABEL_1", "LABEL_2"), calibrated=False)
    settings = {"labels": {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}}
    (tmp_path / "labels.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    (tmp_path / "lines.txt").write_text("카톡이 화남\n", encoding="utf-8")
    (tmp_path / "ours.tsv").write_text(HEAD + "neg\t-\t-\t카톡이 화남\n", encoding="utf-8")
    commands = [shlex.split(line, comments=True)[1:] for line in page.splitlines() if line.startswith("yeoron ")]
    ours = [words for words in commands if not {"shipped", "hf:OWNER/NAME"} & set(words)]
    assert len(ours) == 5
    for words in sorted(ours, key=lambda words: "abels" not in " ".join(words)):
        if "abels" not in " ".join(words):
            (tmp_path / "our-model" / "yeoron.json").write_text(json.dumps(settings), encoding="utf-8")
        assert yeoron.main(["--home", str(home), *words]) == 0, words
    with Store.read(home) as store:
        assert store.value("SELECT count(*) FROM models") == 1
        assert store.value("SELECT sum(n) FROM confusion") == 1
