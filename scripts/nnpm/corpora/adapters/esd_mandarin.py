"""The Mandarin half of ESD, the Emotional Speech Database: speakers 0001 to 0010; `esd_english` describes the whole."""

from dataclasses import replace

from nnpm.corpora.adapters import esd_english

CORPUS = replace(
    esd_english.CORPUS,
    name="esd_mandarin",
    title="ESD (Mandarin)",
    language="Mandarin",
    layout="0001/Angry/0001_000351.wav",
    pattern=esd_english.half(esd_english.MANDARIN, esd_english.ENGLISH),
)
