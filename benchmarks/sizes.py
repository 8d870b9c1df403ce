"""The sizes of the paper's study, for benchmarks that run where nothing reads a configuration.

A test compares them with config/config.yaml, the plan and the corpora's published counts.
"""

TRAINING = 3259  # IEMOCAP's source training utterances: one slot each
TEST = {"urdu": 132, "ekorpus": 385, "shemo": 904, "emodb": 34}
SOURCE_VALIDATION = 1031
CORPUS = {"iemocap": 5531, "urdu": 400, "ekorpus": 1164, "shemo": 2737, "emodb": 339}
EPOCHS, BATCH, SEEDS = 50, 32, 5

#: Runs of one seed that have epochs, by target and frozen blocks.
RUNS = {("urdu", 2): 3, ("ekorpus", 2): 3, ("shemo", 2): 8, ("emodb", 2): 12, ("emodb", 0): 1, ("emodb", 1): 1}
