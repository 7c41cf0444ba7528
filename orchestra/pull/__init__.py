"""A host that configures itself: fetches a project from its repository and plays it (``orchestra pull``)."""
