"""How the shipped model was made. Needs the extra `train`; nothing here runs in the product."""
