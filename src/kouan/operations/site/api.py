"""What others may import of the site."""

from kouan.operations.site.view import SiteView
from kouan.operations.site.watching import SiteWatcher, site_of

__all__ = ["SiteView", "SiteWatcher", "site_of"]
