"""Speed and memory, as ratios to a baseline of the same run. Printed, not judged: machines differ, ratios less."""
