"""nEMO: nine Polish actors in six emotions.

Owner: Iwona Christop, Adam Mickiewicz University, Poznan. On GitHub, CC BY-NC-SA 4.0. Published inventory: 4,481 files;
749 anger, 736 fear, 749 happiness, 809 neutral, 769 sadness, 669 surprise.

A name such as `EB0_anger_13` reads: actor, emotion, sentence. Genders are those of the owner's data.tsv.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="nemo",
    title="nEMO",
    language="Polish",
    owner="Iwona Christop, Adam Mickiewicz University",
    url="https://github.com/amu-cai/nEMO",
    terms="CC BY-NC-SA 4.0",
    citation=(
        "Christop, I.: nEMO: Dataset of emotional speech in Polish. LREC-COLING 2024, pp. 12111-12116, "
        "https://aclanthology.org/2024.lrec-main.1059"
    ),
    layout="samples/EB0_anger_13.wav",
    pattern=r"(?P<speaker>[A-Z]{2}\d)_(?P<emotion>anger|fear|happiness|neutral|sadness|surprised)_\d+",
    women=["EB0", "IC0", "KD0", "MK0"],
    published={"angry": 749, "happy": 749, "sad": 769, "neutral": 809},
    natural=False,
    ask="nobody; git clone https://github.com/amu-cai/nEMO, whose files are pinned by git",
)
