"""What is crawled: the registry of portals and the spider that walks them."""
