"""RESD, the Russian Emotional Speech Dialogs: dialogs of two actors, each in one of seven emotions.

Owner: Aniemore (Ilya Lubenets, Nikita Davidchuk, Artem Amentes). On Hugging Face, MIT licence. Published inventory:
1,396 files; 219 anger, 218 happiness, 162 sadness, 191 neutral.

A name such as `32_happiness_enthusiasm_h_120` reads: dialog, its two emotions, the initial of the one heard, turn.
Names do not identify actors, so a dialog counts as one speaker and is never split.
"""

from nnpm.corpora.named import Named

_WORDS = "anger|disgust|enthusiasm|fear|happiness|neutral|sadness"

CORPUS = Named(
    name="resd",
    title="RESD",
    language="Russian",
    owner="Aniemore (Ilya Lubenets, Nikita Davidchuk, Artem Amentes)",
    url="https://huggingface.co/datasets/Aniemore/resd_annotated",
    terms="MIT licence",
    citation=(
        "Lubenets, I., Davidchuk, N., Amentes, A.: Aniemore (2022), https://github.com/aniemore/Aniemore, with the "
        "dataset RESD"
    ),
    layout="train/happiness_enthusiasm_32/32_happiness_enthusiasm_h_120.wav",
    pattern=rf"(?P<speaker>\d+_(?:{_WORDS})_(?:{_WORDS}))[ _](?P<emotion>[adefhns])_\d+",
    emotions={word[0]: word for word in _WORDS.split("|")},
    published={"angry": 219, "happy": 218, "sad": 162, "neutral": 191},
    natural=False,
    ask="nobody; download it from that page by hand",
    caveat="file names do not identify actors: a speaker here is a dialog, whose two actors may be in others too",
)
