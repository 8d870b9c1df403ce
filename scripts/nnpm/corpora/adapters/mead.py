"""MEAD, the Multi-view Emotional Audio-visual Dataset: actors in eight emotions and three intensities, English.

Owner: Kaisiyuan Wang and colleagues. Public inventories of its published part count 31,729 sound files of 48 actors;
4,193 angry, 4,294 happy, 4,306 sad, 1,916 neutral.

A name such as `M003/audio/angry/level_1/001` reads: actor (M man, W woman), emotion, intensity, number; only its
archives of sound are needed.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="mead",
    title="MEAD",
    language="English",
    owner="Kaisiyuan Wang et al.",
    url="https://github.com/uniBruce/Mead",
    terms="for research; read the owners' page",
    citation=(
        "Wang, K., Wu, Q., Song, L., Yang, Z., Wu, W., Qian, C., He, R., Qiao, Y., Loy, C. C.: MEAD: a large-scale "
        "audio-visual dataset for emotional talking-face generation. ECCV 2020, pp. 700-717, "
        "doi:10.1007/978-3-030-58589-1_42"
    ),
    layout="M003/audio/angry/level_1/001.m4a",
    levels=[r"[MW]\d{3}", "audio", r"\w+", r"level_\d"],
    pattern=(
        r"(?i:(?P<utterance>(?P<speaker>(?P<gender>[MW])\d{3})/audio/"
        r"(?P<emotion>angry|contempt|disgusted|fear|happy|neutral|sad|surprised)/level_[123]/\d{3}))"
    ),
    published={"angry": 4193, "happy": 4294, "sad": 4306, "neutral": 1916},
    natural=False,
    ask="nobody; download audio.tar of each actor from that page by hand, and unpack it in the actor's folder",
)
