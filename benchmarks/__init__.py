"""Speed and memory, shown by ratios taken side by side in one run: `make bench`."""
