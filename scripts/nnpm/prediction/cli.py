"""The command line, `nnpm` or `python -m nnpm`: labels for recordings, and use of a study's checkpoints."""

import argparse
import contextlib
import io
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from tqdm import tqdm

from nnpm import __version__
from nnpm.corpora.base import is_folder
from nnpm.errors import InputError, is_no_memory, one_line
from nnpm.files import replacing
from nnpm.prediction import ADAPT, inputs, notes

if TYPE_CHECKING:
    import pandas as pd

    from nnpm.prediction.predictor import Predictor

_PREDICT = """\
Label audio files with one of four emotions: angry, happy, sad, neutral. Without --checkpoint, the model that comes
with nnpm does it: it was made of acted speech in English, German and Polish. With 30 recordings or more of one
language it adapts itself to them, without labels; it says so. Labels say how a voice sounds, not what a person feels.

Each row has the columns path, start, end, predicted, angry, happy, sad, neutral, sure, speech: start and end in
seconds, a probability per emotion, sure False where it is low, speech False where it may be music or noise. Recordings
of more than 10 s are labelled in windows of 7.5 s, one every 2.5 s. Silence of a second or more is left out; what lies
between two silences is one row, or several if its label changes. A file that cannot be used is reported on stderr; the
others are still labelled, and the exit status is 1. What libsndfile does not decode, such as .m4a, .webm, .amr, .wma
and .mp4, is decoded by the program ffmpeg, if that is installed.

With a study's checkpoint, files are processed as in its training: each is cut at its end to the length of training
(7.5 s by default; a note tells what is not heard), and rows have no start, end, sure and speech. Frames are
standardised by the mean and the deviation of the corpus that the checkpoint was adapted to; it holds both. For files in
another language or from other microphones, --statistics files uses those of the given files: give many at once."""

_EXPORT = """\
Write a checkpoint as one graph, for programs without Python or this project. Its input is samples, float32 of shape
(batch, samples), mono, full scale -1..1, at the rate and length of training (16,000 Hz and 120,000 samples by default;
cut longer sounds at their end, pad shorter ones with zeros). Its output is probabilities, (batch, 4), of angry, happy,
sad, neutral. Load a .pt2 with torch.export.load. ONNX needs: pip install 'nnpm[export]'."""

_EXAMPLES = """\
examples:
  nnpm predict recordings/ > labels.csv
  nnpm predict --html page.html recordings/ > labels.csv
  nnpm predict --save-adapted mine.json recordings/ > labels.csv
  nnpm predict --checkpoint mine.json new.wav
  nnpm predict --checkpoint backbone.safetensors a.wav b.flac > labels.csv
  nnpm predict --checkpoint backbone.safetensors --output labels.csv recordings/
  find . -name '*.wav' | nnpm predict --checkpoint backbone.safetensors --format jsonl - | jq .predicted"""

FORMATS = ("csv", "jsonl")
_FEW = 24  # with fewer files, mean and deviation depend more on the files than on language and microphone


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, or 1 if any file failed, with a line on stderr."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except InputError as error:
        line = str(error)
    except BrokenPipeError:  # as by `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the rest of the buffer is dropped
        return 1
    except OSError as error:
        line = one_line(f"{error.filename or 'stdout'}: {error.strerror or error}; fix this, then run again")
    except KeyboardInterrupt:
        line = "interrupted"
    except Exception as error:
        if not is_no_memory(error):
            raise
        line = one_line(f"out of memory ({error}); lower --batch-size")
    print(f"Error: {line}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nnpm", description="Label speech with emotions.")
    parser.add_argument("--version", action=_Version, nargs=0, help="the versions, and the terms of the model")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    predict = commands.add_parser(
        "predict",
        help="label audio files with emotions",
        description=_PREDICT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    predict.add_argument("files", nargs="+", metavar="FILE", help="audio file, folder of them, or - for names on stdin")
    predict.add_argument(
        "--checkpoint", type=Path, help="of a study: backbone.safetensors or classifier.json; or an adapted model"
    )
    predict.add_argument("--adapt", choices=ADAPT, help="the model of nnpm to these files; default: auto")
    predict.add_argument(
        "--speaker-folders", action="store_true", help="the files that lie in one folder are one speaker's"
    )
    predict.add_argument("--save-adapted", type=Path, metavar="FILE", help="keep the adapted model, a .json")
    predict.add_argument("--html", type=Path, metavar="FILE", help="also write a page to look at and listen")
    predict.add_argument("--window", type=float, metavar="SECONDS", help="of long recordings; default: 7.5")
    predict.add_argument("--hop", type=float, metavar="SECONDS", help="from window to window; default: a third of one")
    predict.add_argument("--model", type=Path, metavar="FOLDER", help="the self-supervised model, if it has moved")
    predict.add_argument("--output", type=Path, metavar="FILE", help="written whole or not at all; default: stdout")
    predict.add_argument(
        "--format", choices=FORMATS, help="jsonl: an object per line; default: --output's ending, or csv"
    )
    predict.add_argument("--statistics", choices=("checkpoint", "files"), default="checkpoint", help="see above")
    predict.add_argument("--batch-size", type=_positive, default=64, metavar="N", help="files per step; default: 64")
    predict.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: auto")
    predict.set_defaults(run=_predict)
    export = commands.add_parser(
        "export",
        help="write a checkpoint as ONNX or as a PyTorch program",
        description=_EXPORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("output", type=Path, metavar="FILE", help="ends in .onnx or .pt2")
    export.add_argument("--checkpoint", required=True, type=Path, help="a backbone.safetensors of a study's run")
    export.set_defaults(run=_export)
    return parser


class _Version(argparse.Action):
    """Prints the versions of program and model, and the model's terms."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from nnpm import corpora
        from nnpm.prediction.ready import ReadyModel

        about = ReadyModel.read().about
        made_of = ", ".join(map(corpora.title, about["corpora"]))
        print(f"nnpm {__version__}; model {about['version']} of {made_of}: {about['terms']}")
        parser.exit()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _predict(given: argparse.Namespace) -> int:
    from nnpm.decoding import INSTALL

    def tell(line: str) -> None:
        tqdm.write(f"Note: {line}", file=sys.stderr)

    names, noted = inputs.names(given.files, tell), list[notes.Note]()
    failed, undecoded = list[InputError](), list[InputError]()
    kind = given.format or (given.output.suffix.lower().removeprefix(".") if given.output else "csv")
    if kind not in FORMATS:
        raise InputError(f"{given.output}: ends neither in .csv nor in .jsonl; choose one with --format")
    if given.statistics == "files" and len(names) < _FEW:
        tell(f"the statistics are those of {len(names)} file(s) only; give dozens")

    def skip(error: InputError) -> None:
        failed.append(error)
        if str(error).endswith(INSTALL):
            undecoded.append(error)
        else:
            tqdm.write(f"Error: {error}", file=sys.stderr)

    written, options = 0, {"batch_size": given.batch_size, "on_error": skip, "on_note": noted.append, "progress": True}
    hops = list["pd.DataFrame"]()
    page = _written(given.html) if given.html else contextlib.nullcontext()
    with _written(given.output) as stream, page as html:  # faults show before anything is heard
        predictor = _predictor(given, names, tell)
        for part in _labels(predictor, names, given.statistics, hops, options):
            if kind == "csv":
                times = {name: part[name].map("{:.2f}".format) for name in ("start", "end") if name in part}
                table = part.assign(**times)
                table.to_csv(stream, index=False, header=not written, float_format="%.6f", lineterminator="\n")
            else:
                stream.writelines(json.dumps(row) + "\n" for row in part.to_dict("records"))
            stream.flush()
            written += len(part)
        if undecoded:
            others = f" ({len(undecoded)} such files)" if len(undecoded) > 1 else ""
            print(f"Error: {undecoded[0]}{others}", file=sys.stderr)
        if not written:
            what = f"{given.output}: not written" if given.output else "no labels"
            raise InputError(f"{what}: none of {len(names)} files can be used")
        if html:
            html.write(_page(predictor, hops, noted, given.html))
    for line in notes.lines(noted, len(names)):
        tell(line)
    if failed:
        print(f"Error: {len(failed)} of {len(names)} files are left out, see above", file=sys.stderr)
    return int(bool(failed))


def _predictor(given: argparse.Namespace, names: Sequence[str], tell: Callable[[str], object]) -> "Predictor":
    """The checkpoint, or the model that comes with the package, adapted to the files as the options say."""
    from nnpm.prediction.predictor import Predictor
    from nnpm.prediction.windows import Windows

    windows = None
    if given.window is not None or given.hop is not None:
        length = Windows.length if given.window is None else given.window
        windows = Windows(length, length / 3 if given.hop is None else given.hop)
    if given.checkpoint:
        for option in ("adapt", "save_adapted", "speaker_folders"):
            if getattr(given, option):
                raise InputError(f"--{option.replace('_', '-')}: not with --checkpoint; begin with the model of nnpm")
        loaded = Predictor.load(given.checkpoint, given.device, model=given.model, windows=windows)
        if given.html and "start" not in loaded.columns:
            raise InputError("--html: not with a study's checkpoint; its report.html shows its results")
        return loaded
    if given.model or given.statistics == "files":
        raise InputError(f"{'--model' if given.model else '--statistics'}: only with --checkpoint")
    if given.save_adapted:
        from nnpm.prediction.labeller import check_name

        check_name(given.save_adapted)
    if given.speaker_folders and given.adapt == "off":
        raise InputError("--speaker-folders: it is adapting that uses speakers; leave out --adapt off")
    speakers = [str(Path(name).parent.resolve()) for name in names] if given.speaker_folders else None
    predictor = Predictor.default(windows).adapt(
        names, given.adapt or "auto", speakers=speakers, on_error=lambda _: None, progress=True
    )
    if predictor.said:
        tell(predictor.said)
    if given.save_adapted and predictor.adapted:
        predictor.save(given.save_adapted)
    elif given.save_adapted:
        tell(f"{given.save_adapted}: not written, since nothing was adapted")
    return predictor


def _labels(
    predictor: "Predictor", names: Sequence[str], statistics: str, hops: "list[pd.DataFrame]", options: dict[str, Any]
) -> "Iterator[pd.DataFrame]":
    """The rows to write; the hops of long recordings are put into a list."""
    from nnpm.prediction.labeller import Labeller

    if not isinstance(predictor, Labeller):
        yield from predictor.stream(names, statistics=statistics, **options)
        return
    predictor.check(options["batch_size"], statistics)
    for part in predictor.hops(names, **options):
        hops.append(part)
        yield predictor.joined(part)


def _page(predictor: "Predictor", hops: "Sequence[pd.DataFrame]", noted: Sequence[notes.Note], place: Path) -> str:
    """The page of labels."""
    import pandas as pd

    from nnpm.prediction.page import about, page, with_notes

    return page(with_notes(pd.concat(hops, ignore_index=True), noted), about(predictor.header.run), place)


def _export(given: argparse.Namespace) -> int:
    from nnpm.prediction.predictor import Predictor
    from nnpm.training.header import NEEDS_STUDY, Header

    try:
        from nnpm.prediction.export import check_exportable, export
    except ImportError as error:
        raise InputError(NEEDS_STUDY.format(given.checkpoint, error.name)) from None

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of packages that are not needed here
    warnings.simplefilter("ignore")  # PyTorch's, about its own code
    check_exportable(Header.read(given.checkpoint), given.output)  # before a large model is loaded
    export(Predictor.load(given.checkpoint, "cpu"), given.output)
    return 0


@contextlib.contextmanager
def _written(output: Path | None) -> Iterator[TextIO]:
    """The stream for predictions; file names that are not valid text are written as their bytes."""
    if output is None:
        if sys.stdout is None:
            raise InputError("stdout: closed; give a file with --output")
        if isinstance(sys.stdout, io.TextIOWrapper):  # not in a notebook
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        yield sys.stdout
        return
    if is_folder(output):
        raise InputError(f"{output}: a folder; name a file in it")
    with (
        replacing(output) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream,
    ):
        yield stream
