"""What NNPM scores under each reading of what the paper leaves open: numbers, words and figure."""
