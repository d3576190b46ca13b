"""What all rooms take from the normal distribution."""

Z95 = 1.959963984540054
"""Half a 95 % interval in standard deviations: the quantile of 97.5 %."""
