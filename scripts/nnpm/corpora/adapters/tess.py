"""TESS, the Toronto emotional speech set: two actresses, 200 words in seven emotions, English.

Owner: Kate Dupuis and M. Kathleen Pichora-Fuller, University of Toronto. Published inventory: 2,800 files, 400 of each
emotion.

A name such as `OAF_back_angry` reads: actress (OAF is the older one, YAF the younger one), word, emotion.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="tess",
    title="TESS",
    language="English",
    owner="Kate Dupuis and M. Kathleen Pichora-Fuller, University of Toronto",
    url="https://doi.org/10.5683/SP2/E8H2MF, and https://tspace.library.utoronto.ca/handle/1807/24487",
    terms="CC BY-NC-ND 4.0",
    citation=(
        "Pichora-Fuller, M. K., Dupuis, K.: Toronto emotional speech set (TESS). Borealis (2020), "
        "doi:10.5683/SP2/E8H2MF"
    ),
    layout="OAF_back_angry.wav",
    # Some copies write OA_bite_neutral, without the F.
    pattern=r"(?P<speaker>OA|YA)F?_[a-z]+_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad)",
    emotions={"ps": "pleasant surprise"},
    women=["OA", "YA"],
    published={"angry": 400, "happy": 400, "sad": 400, "neutral": 400},
    natural=False,
    ask="nobody; download it from that page by hand (no checksum was found)",
)
