"""CASIA, the part of a Mandarin emotional corpus that circulates: two men and two women, 50 sentences, six emotions.

Owner: Institute of Automation, Chinese Academy of Sciences. Public inventories count 1,200 files, 200 of each emotion.

A name such as `wangzhe/angry/201` reads: speaker, emotion, sentence; names repeat from folder to folder.
"""

from nnpm.corpora.named import Named

CORPUS = Named(
    name="casia",
    title="CASIA",
    language="Mandarin",
    owner="Institute of Automation, Chinese Academy of Sciences",
    url="https://aistudio.baidu.com/aistudio/datasetdetail/209512",
    terms="by licence of the owner, for research",
    citation=(
        "Zhang, J., Jia, H.: Design of speech corpus for Mandarin text to speech. Blizzard Challenge 2008 workshop"
    ),
    layout="wangzhe/angry/201.wav",
    pattern=(
        r"(?P<utterance>(?P<speaker>(?i:liuchan\w+|wangzhe|zhaoquanyin|zhaozuoxiang))/"
        r"(?P<emotion>(?i:angry|fear|happy|neutral|sad|surprise))/\d+)"
    ),
    published={"angry": 200, "happy": 200, "sad": 200, "neutral": 200},
    natural=False,
    ask="the owner, for a licence",
)
