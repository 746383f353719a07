// What every page has beyond plain HTML. Pages work without it.
