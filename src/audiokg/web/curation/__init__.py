"""What to do next, identity suspects, the health of links: for those who keep the graph."""
