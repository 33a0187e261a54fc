"""What `make bench` measures: speed, bytes and memory, as ratios within one run."""
