"""MELD, the Multimodal EmotionLines Dataset: scenes of the television series Friends, seven emotions, English.

Owner: Soujanya Poria and colleagues. Published inventory: 13,707 utterances; 1,607 anger, 2,308 joy, 1,002 sadness,
6,435 neutral. One more row of the tables (dialog 110, utterance 7 of the validation part) has no video. Actors of a
play show its emotions, so it counts as acted. Videos that no table lists are left out.

A name such as `train_splits/dia0_utt1` reads: part of the corpus, dialog, utterance; `train_sent_emo.csv` and its two
sisters give emotion and speaker.
"""

from nnpm.corpora.named import Labels, Named

_CUT = "cut wrongly: minutes of other scenes"

CORPUS = Named(
    name="meld",
    title="MELD",
    language="English",
    owner="Soujanya Poria et al.",
    url="https://affective-meld.github.io",
    terms="GPL-3.0 (LICENSE of the repository); the series belongs to its owners",
    citation=(
        "Poria, S., Hazarika, D., Majumder, N., Naik, G., Cambria, E., Mihalcea, R.: MELD: a multimodal multi-party "
        "dataset for emotion recognition in conversations. ACL 2019, pp. 527-536, doi:10.18653/v1/P19-1050"
    ),
    layout="train_splits/dia0_utt1.mp4 with train_sent_emo.csv",
    pattern=(
        r"(?P<utterance>(?P<key>(?:train_splits|dev_splits_complete|output_repeated_splits_test)/dia\d+_utt\d+))"
        r"|output_repeated_splits_test/final_videos_testdia\d+_utt\d+"
    ),
    labels=Labels(
        {
            f"{part}_sent_emo.csv": folder + "/dia{Dialogue_ID}_utt{Utterance_ID}"
            for part, folder in (
                ("train", "train_splits"),
                ("dev", "dev_splits_complete"),
                ("test", "output_repeated_splits_test"),
            )
        },
        emotion="Emotion",
        speaker="Speaker",
    ),
    flawed={
        "train_splits/dia125_utt3": "cannot be decoded as published",
        "train_splits/dia309_utt0": _CUT,
        "output_repeated_splits_test/dia38_utt4": _CUT,
        "output_repeated_splits_test/dia220_utt0": _CUT,
    },
    published={"angry": 1607, "happy": 2308, "sad": 1002, "neutral": 6435},
    natural=False,
    ask="nobody; download MELD.Raw.tar.gz from that page by hand, and unpack the three archives in it",
)
