"""Every address of the platform; each app lists its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from o2o_platform.interface.scoping import LabelledAutocomplete

v1 = (
    [
        path("", include("catalog.api.urls")),
        path("", include("dealers.api.urls")),
        path("", include("orders.api.urls")),
        path("", include("payments.api.urls")),
    ],
    "v1",
)

# OPTIONS would ask the page's renderer for a template it does not have.
docs = SpectacularSwaggerSplitView.as_view(url_name="schema", http_method_names=["get", "head"])

urlpatterns = [
    path("", include("o2o_platform.interface.urls")),
    path("", include("catalog.urls")),
    path("", include("dealers.urls")),
    path("", include("orders.urls")),
    path("pay/", include("payments.urls")),
    path("", include("o2o_platform.documents.urls")),
    path("", include("o2o_platform.waiting.urls")),
    path("", include("o2o_platform.accounts.urls")),
    path("", include("o2o_platform.notifications.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/autocomplete/", admin.site.admin_view(LabelledAutocomplete.as_view(admin_site=admin.site))),
    path("admin/", admin.site.urls),
    path("api/v1/", include(v1, namespace="v1")),
    path("api/schema/", SpectacularAPIView.as_view(api_version="v1"), name="schema"),
    path("api/docs/", docs, name="api-docs"),
]
if settings.SANDBOX_PAYMENTS:
    urlpatterns.append(path("sandbox/", include("payments.sandbox.urls")))

handler400 = "o2o_platform.operations.errors.bad_request"
handler403 = "o2o_platform.operations.errors.permission_denied"
handler404 = "o2o_platform.operations.errors.page_not_found"
handler429 = "o2o_platform.operations.errors.too_many_requests"
handler500 = "o2o_platform.operations.errors.server_error"
