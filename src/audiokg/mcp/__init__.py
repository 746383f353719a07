"""The graph for agents, over the Model Context Protocol (https://modelcontextprotocol.io/)."""
