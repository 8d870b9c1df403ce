"""MESD, the Mexican Emotional Speech Database: single words in six emotions, by women, men and children.

Owner: Mathilde M. Duville, Luz M. Alonso-Valerdi and David I. Ibarra-Zarate, Tecnologico de Monterrey. At Mendeley, CC
BY 4.0. Public inventories count 862 files.

A name such as `Anger_F_A_abajo` reads: emotion, voice (F woman, M man, C child), list of words, word. Names do not
identify speakers, so each kind of voice counts as one.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="mesd",
    title="MESD",
    language="Spanish",
    owner="Mathilde M. Duville et al., Tecnologico de Monterrey",
    url="https://data.mendeley.com/datasets/cy34mh68j9/5",
    terms="CC BY 4.0",
    citation=(
        "Duville, M. M., Alonso-Valerdi, L. M., Ibarra-Zarate, D. I.: Mexican Emotional Speech Database based on "
        "semantic, frequency, familiarity, concreteness, and cultural shaping of affective prosody. Data 6(12), 130 "
        "(2021), doi:10.3390/data6120130"
    ),
    layout="Anger_F_A_abajo.wav",
    pattern=r"(?P<emotion>Anger|Disgust|Fear|Happiness|Neutral|Sadness)_(?P<speaker>(?P<gender>[FMC]))_[AB]_[^/]+",
    published={"angry": 143, "happy": 144, "sad": 144, "neutral": 143},
    natural=False,
    ask="nobody; download it from that page by hand",
    caveat="file names do not identify speakers: the three speakers here are the women, the men and the children",
)
