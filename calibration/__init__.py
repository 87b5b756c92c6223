"""Why we believe the model: the solve of the baseline, and what it moved."""
