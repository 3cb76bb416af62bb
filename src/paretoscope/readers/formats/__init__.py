"""One file format a module, each giving the same table of cells."""
