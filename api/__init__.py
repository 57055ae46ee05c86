"""Who looks and decides: the web API, the pages and the `amends` command. No rules here."""
