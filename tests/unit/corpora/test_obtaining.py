"""The corpora of a study are fetched into their places, each whole or not at all, and of the others is told how."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import test_archives
import trees
from file_server import Server, page
from nnpm import corpora
from nnpm.corpora import obtaining
from nnpm.corpora.offers import Archive, Listing, total
from nnpm.errors import InputError

ACTOR = "Actor_01/03-01-01-01-01-01-01.wav"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "corpora"


def archive(server: Server, made: Path, name: str, files: list[str], **fields: str) -> Archive:
    """An archive of tones, on the server."""
    sound = trees.tone(made / "1.wav").read_bytes()
    content = test_archives.write(made / name, dict.fromkeys(files, sound)).read_bytes()
    url, checksum = server.offer(f"/files/{name}", content)
    return Archive((url,), checksum, len(content), **fields)


def ravdess(server: Server, folder: Path) -> corpora.Corpus:
    return replace(corpora.get("ravdess"), offer=(archive(server, folder, "ravdess.zip", [ACTOR]),))


def listed(server: Server, folder: Path, count: int = 3) -> corpora.Corpus:
    """URDU's first files, of other contents, one by one at two places."""
    lines = ["path,bytes,sha256"]
    size = 0
    for number in range(count):
        path, content = f"Angry/SM1_F{number}_A0{number}.wav", os.urandom(1000 + number)
        for base in ("files", "mirror"):
            checksum = server.offer(f"/{base}/{path}", content)[1]
        lines.append(f"{path},{len(content)},{checksum.removeprefix('sha256:')}")
        size += len(content)
    table = folder / "urdu.csv"
    table.write_text("\n".join(lines) + "\n", encoding="ascii")
    bases = (server.url("/files/"), server.url("/mirror/"))
    return replace(corpora.get("urdu"), offer=Listing(bases, table, size))


def entries(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- Archives ---------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_fetched_and_unpacked(server: Server, tmp_path: Path, place: Path) -> None:
    corpus = ravdess(server, tmp_path)
    obtaining.fetch_missing([corpus], place)
    assert [clip.utterance for clip in corpus.find(place / "ravdess")] == ["03-01-01-01-01-01-01"]
    assert [path.name for path in place.iterdir()] == ["ravdess"], "the archive is not kept"
    obtaining.fetch_missing([corpus], place)
    assert len(server.requests) == 1


@pytest.mark.parametrize("around", ["", "emodb/"])
def test_a_folder_around_all_files_is_left_away(server: Server, tmp_path: Path, place: Path, around: str) -> None:
    files = [f"{around}wav/03a01Fa.wav", f"{around}db.yaml"]
    offer = (archive(server, tmp_path, "emodb.zip", files, around="emodb"),)
    obtaining.fetch_missing([replace(corpora.get("emodb"), offer=offer)], place)
    assert entries(place) == ["emodb/db.yaml", "emodb/wav/03a01Fa.wav"]


@pytest.mark.parametrize("around", ["{0}/", ""])
def test_several_archives_make_one_corpus(server: Server, tmp_path: Path, place: Path, around: str) -> None:
    """ShEMO's two, whether or not they hold the folder that they are named for."""
    offer = tuple(
        archive(
            server,
            tmp_path,
            f"{name}.zip",
            [f"{around.format(name)}{name[0].upper()}01A01.wav"],
            folder=name,
            around=name,
        )
        for name in ("female", "male")
    )
    corpus = replace(corpora.get("shemo"), offer=offer)
    obtaining.fetch_missing([corpus], place)
    assert entries(place) == ["shemo/female/F01A01.wav", "shemo/male/M01A01.wav"]
    assert len(corpus.find(place / "shemo")) == 2


def test_an_archive_that_came_is_kept_until_all_have_come(server: Server, tmp_path: Path, place: Path) -> None:
    first, second = (archive(server, tmp_path, f"{name}.zip", ["1.wav"], folder=name) for name in ("female", "male"))
    corpus = replace(corpora.get("shemo"), offer=(first, second))
    server.faults["/files/male.zip"] = [page(404)]
    with pytest.raises(InputError, match="404"):
        obtaining.fetch_missing([corpus], place)
    assert not (place / "shemo").exists()
    obtaining.fetch_missing([corpus], place)
    assert [path for path, _ in server.requests] == ["/files/female.zip", *["/files/male.zip"] * 2]


# --- Files one by one -------------------------------------------------------------------------------------------------


def test_files_are_fetched_one_by_one_from_the_place_that_had_the_last(
    server: Server, tmp_path: Path, place: Path
) -> None:
    server.always["files"] = page(403)
    obtaining.fetch_missing([listed(server, tmp_path)], place)
    assert entries(place) == [f"urdu/Angry/SM1_F{number}_A0{number}.wav" for number in range(3)]
    assert [path.split("/")[1] for path, _ in server.requests] == ["files", "mirror", "mirror", "mirror"]


def test_files_that_came_are_not_fetched_again(server: Server, tmp_path: Path, place: Path) -> None:
    corpus, last = listed(server, tmp_path), "/files/Angry/SM1_F2_A02.wav"
    server.faults[last], server.always["mirror"] = [page(403)], page(404)
    with pytest.raises(
        InputError, match=r"SM1_F2_A02.wav could not be fetched, http.*403 Forbidden, http.*404 Not Found; "
    ):
        obtaining.fetch_missing([corpus], place)
    assert not (place / "urdu").exists()
    server.requests.clear()
    obtaining.fetch_missing([corpus], place)
    assert [path for path, _ in server.requests] == [last] and len(entries(place)) == 3


# --- All of a study ---------------------------------------------------------------------------------------------------


def test_one_that_fails_keeps_no_other_from_being_fetched(
    server: Server, tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, works = replace(listed(server, tmp_path), name="broken"), ravdess(server, tmp_path)
    server.faults["/files/Angry/SM1_F0_A00.wav"], server.always["mirror"] = [page(403)], page(404)
    with pytest.raises(InputError) as caught:
        obtaining.fetch_missing([broken, corpora.get("iemocap"), works], place)
    assert str(caught.value) == (
        f"{place}: still missing are broken (could not be fetched, see above), "
        "iemocap (not offered for download, see above how to get it)"
    )
    assert works.find(place / "ravdess")
    told = capsys.readouterr().err
    for words in ("broken: SM1_F0_A00.wav could not be fetched", "iemocap_release.htm", "Session1/", corpora.CHECK):
        assert words in told


def test_a_users_own_files_are_left_alone(server: Server, tmp_path: Path, place: Path) -> None:
    (place / "ravdess").mkdir(parents=True)
    (place / "ravdess" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="already exists, but without the corpus's files; move it away"):
        obtaining.fetch_missing([ravdess(server, tmp_path)], place)
    assert [path.name for path in (place / "ravdess").iterdir()] == ["notes.txt"]


# --- What the adapters offer ------------------------------------------------------------------------------------------

OFFERED = {"cremad", "emodb", "ravdess", "shemo", "urdu"}


def test_what_is_not_offered_says_whom_to_ask() -> None:
    """Forms and requests are between a user and the owner."""
    assert {name for name in corpora.NAMES if corpora.get(name).offer} == OFFERED
    for name in corpora.NAMES:
        (block,) = corpora.missing({name: corpora.get(name)}, Path("nowhere"))
        assert ("snakemake --cores 1 download" in block) == (name in OFFERED)
        assert ("ask:" in block) == (name not in OFFERED)


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_what_is_offered_is_pinned(name: str) -> None:
    offer = corpora.get(name).offer
    assert offer is not None and total(offer) > 10_000_000
    files = offer.files().values() if isinstance(offer, Listing) else offer
    assert sum(file.size for file in files) == total(offer)
    for file in files:
        algorithm, _, digest = file.checksum.partition(":")
        assert len(digest) == {"md5": 32, "sha256": 64}[algorithm] and set(digest) <= set("0123456789abcdef")
        assert len(file.urls) > 1 and all(url.startswith("https://") for url in file.urls) and file.size > 0
