"""What curators look at: gaps by how many questions they hold back, suspects, summaries."""
