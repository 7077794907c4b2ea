"""Which machine, which kind of endpoint, how many, and why: from what a workload needs and what others measured."""
