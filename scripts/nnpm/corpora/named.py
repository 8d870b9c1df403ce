"""The reader of corpora whose file names, folders or one table say all: an adapter declares them, as data.

This package is imported while the workflow is planned, so it uses the standard library only.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from nnpm import CLASSES
from nnpm.corpora.base import Clip, Corpus, check_unique, is_audio, is_file, read_text
from nnpm.corpora.folders import audio_files
from nnpm.errors import InputError

#: Classes of the words that corpora use most; an adapter with other words gives its own.
WORDS = {
    **{label: label for label in CLASSES},
    "anger": "angry",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
}
#: First letters of f, female, woman; m, male, man. Others, as for children, are unknown.
_GENDERS = {"f": "f", "w": "f", "m": "m"}


@dataclass(frozen=True)
class Labels:
    """CSV files with the labels of a corpus whose file names do not tell them.

    `files` are the names of the CSV files, which may lie anywhere in the corpus's folder, each with the pattern of its
    rows' keys: `"train/dia{Dialogue_ID}"` is filled in with the row's columns, and equals, without an ending, the group
    `key` of the audio file's name. `emotion` and `speaker` are names of columns.
    """

    files: Mapping[str, str]
    emotion: str
    speaker: str

    def read(self, folder: Path) -> dict[str, tuple[Path, str, str]]:
        """Each key's CSV file, emotion and speaker. Raises `InputError` if a CSV file or a column is missing."""
        rows = {}
        for name, key in self.files.items():
            path = next((path for path in sorted(folder.rglob(name)) if is_file(path)), folder / name)
            try:
                for row in csv.DictReader(io.StringIO(read_text(path), newline="")):
                    filled = PurePath(key.format_map(row))
                    name_only = filled.with_suffix("") if is_audio(filled) else filled
                    rows[name_only.as_posix()] = (path, row[self.emotion].strip(), row[self.speaker].strip())
            except (KeyError, AttributeError, csv.Error) as error:
                raise InputError(f"{path}: no column or value {error}; fetch it again") from error
        return rows


@dataclass(frozen=True, kw_only=True)
class Named(Corpus):
    """A corpus that is read by the names of its files.

    `pattern` is a regular expression for the end of a path below the corpus's folder, without the file's ending: as
    many folders as it has slashes, then the name. Its groups are

    - `emotion`: a key of `emotions`, or the corpus's own word; a file without it has the emotion `otherwise`;
    - `speaker`; without it all files are by one speaker;
    - `gender`: female, woman, F, ...; else the speakers `women` are women and all others men, unknown if that is None;
    - `utterance`: the id, where the file's name alone is not unique;
    - `emotion_folder`, `gender_folder`: must mean the same as the group without `_folder`;
    - `key`: the key of the file's row in `labels`, which then gives emotion and speaker.

    `classes` are the classes of the corpus's words; all others are left out. `levels` are the folders in which files
    lie, as `audio_files` takes them; None if they may lie at any depth.
    """

    pattern: str
    emotions: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=lambda: WORDS)
    levels: Sequence[str] | None = None
    women: Collection[str] | None = None
    otherwise: str = "without a label"
    labels: Labels | None = None
    find: Callable[[Path], list[Clip]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "find", self._find)

    def _find(self, folder: Path) -> list[Clip]:
        # Only the last folders count: whatever lies above them is skipped, as little of it as possible.
        pattern = re.compile(rf"(?:.*?/)??(?:{self.pattern})", re.ASCII)
        files = audio_files(folder, self.levels, self.layout)
        rows = self.labels.read(folder) if self.labels else {}
        clips = []
        for path in files:
            match = pattern.fullmatch(path.relative_to(folder).with_suffix("").as_posix())
            if match is None:
                raise InputError(f"{path}: not a {self.title} file name (such as {self.layout}); rename or remove it")
            groups = {name: value for name, value in match.groupdict().items() if value}
            clips.append(self._clip(path, groups, rows.get(groups.get("key", ""))))
        check_unique((clip.utterance, clip.path) for clip in clips)
        return clips

    def _clip(self, path: Path, groups: Mapping[str, str], row: tuple[Path, str, str] | None) -> Clip:
        annotation, code, speaker = row or (None, groups.get("emotion"), groups.get("speaker", "speaker"))
        emotion, gender = self._emotion(code), self._gender(groups.get("gender"), speaker)
        for meaning, group, there in (
            (emotion, "emotion_folder", self._emotion(groups.get("emotion_folder", code))),
            (gender, "gender_folder", self._gender(groups.get("gender_folder", groups.get("gender")), speaker)),
        ):
            if meaning != there:
                raise InputError(
                    f"{path}: by its name {meaning}, by its folder {groups[group]}; move it to the right folder"
                )
        label = self.classes.get(emotion)
        return Clip(path, speaker, emotion, label, gender, annotation=annotation, name=groups.get("utterance"))

    def _emotion(self, code: str | None) -> str:
        return self.otherwise if code is None else self.emotions.get(code, code.lower())

    def _gender(self, code: str | None, speaker: str) -> str | None:
        if code is not None:
            return _GENDERS.get(code[0].lower())
        return None if self.women is None else "f" if speaker in self.women else "m"
