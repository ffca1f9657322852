from django.urls import path

from . import views

urlpatterns = [
    path("festivals/", views.festivals, name="festivals"),
    path("festivals/<slug:slug>/", views.festival, name="festival"),
    path("festivals/<slug:slug>/live/", views.festival_live, name="festival_live"),
]
