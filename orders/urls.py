from django.urls import path

from . import views
from .views_drive import book_drive
from .views_reserve import reserve

app_name = "orders"

urlpatterns = [
    path("reserve/", reserve, name="reserve"),
    path("orders/<slug:reference>/", views.detail, name="detail"),
    path("orders/<slug:reference>/state/", views.state, name="state"),
    path("orders/<slug:reference>/cancel/", views.cancel, name="cancel"),
    path("orders/<slug:reference>/alternative/", views.alternative, name="alternative"),
    path("orders/<slug:reference>/test-drive/", book_drive, name="drive"),
]
