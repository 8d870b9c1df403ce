"""Sound becomes numbers: mel-spectrograms, functionals, and the cache of a corpus's mels."""
