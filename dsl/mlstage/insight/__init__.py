"""What a graph tells: what it costs, what would serve better, how it behaves over a day."""
