"""EMO-DB, the Berlin Database of Emotional Speech: ten actors, ten sentences, seven emotions, German.

Owner: Technische Universitaet Berlin. Free download from the owners; the authors have since released it
as CC0 (as audEERING's edition states) and put it on Zenodo, whose record 7447302 says CC BY 4.0. Published
inventory: 535 files; 127 anger, 71 joy, 62 sadness, 79 neutral.

A name such as `03a01Fa` reads: speaker 03, sentence a01, emotion letter F (German initials), version a.
"""

from nnpm.corpora.named import Named
from nnpm.corpora.offers import Archive

CORPUS = Named(
    name="emodb",
    title="EMO-DB",
    language="German",
    owner="Technische Universitaet Berlin (Burkhardt et al.)",
    url="http://emodb.bilderbar.info, and https://zenodo.org/records/7447302 (emodb.zip)",
    terms="CC0 1.0 (public domain); CC BY 4.0 by the record on Zenodo: cite the paper",
    citation=(
        "Burkhardt, F., Paeschke, A., Rolfes, M., Sendlmeier, W., Weiss, B.: A database of German emotional "
        "speech. Interspeech 2005, pp. 1517-1520, doi:10.21437/Interspeech.2005-446"
    ),
    layout="wav/03a01Fa.wav",
    levels=["wav"],
    pattern=r"(?P<speaker>\d\d)[ab]\d\d(?P<emotion>[WLEAFTN])[a-z]",
    emotions={
        "W": "anger",
        "L": "boredom",
        "E": "disgust",
        "A": "fear",
        "F": "joy",
        "T": "sadness",
        "N": "neutral",
    },
    women=["08", "09", "13", "14", "16"],
    published={"angry": 127, "happy": 71, "sad": 62, "neutral": 79},
    test_speakers=("15",),
    validation_speakers=("16",),
    natural=False,
    # Version 1.3.0 of the authors: wav/ is unchanged, tables in the format audformat are added. Size and MD5 are
    # Zenodo's for record 7447302, as quoted by one public project that checked the file against them; no second source
    # was found. The owners' own archive has neither https nor a checksum.
    offer=(
        Archive(
            (
                "https://zenodo.org/records/7447302/files/emodb.zip",
                "https://zenodo.org/api/records/7447302/files/emodb.zip/content",
            ),
            "md5:9d21362dbc5676ef3ab4745d83ced0db",
            39_981_818,
            around="emodb",
        ),
    ),
)
