"""`python -m api.cli` is `amends`."""

from api.cli import main

main()
