"""The browser, as for the pages."""

from tests.browser.conftest import browser, pytest_collection_modifyitems

__all__ = ["browser", "pytest_collection_modifyitems"]
