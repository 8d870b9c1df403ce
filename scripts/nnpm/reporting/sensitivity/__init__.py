"""NNPM's scores under each reading of what the paper leaves open: numbers, texts and figure."""
