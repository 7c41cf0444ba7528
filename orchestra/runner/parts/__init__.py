"""Target code that several modules share; each part is sent once by digest."""
