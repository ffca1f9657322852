from django.urls import path

from . import views

app_name = "documents"
urlpatterns = [
    path("documents/check/<str:code>/", views.check_document, name="check"),
    path("documents/<str:number>.pdf", views.show_document, name="show"),
]
