"""What is on the network around this node: servers that announce themselves, devices that answer a search."""
