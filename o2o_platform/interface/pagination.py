"""How the API's lists are paged."""

from rest_framework.pagination import CursorPagination


class Page(CursorPagination):
    """Newest first by cursor: stable while rows come in, and no COUNT. 20 a page, at most 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-pk"
