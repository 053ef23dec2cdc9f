"""Samples packed into chunks: the codec, the head in memory, what a seal writes, rollups. Pure; a home keeps the bytes."""
