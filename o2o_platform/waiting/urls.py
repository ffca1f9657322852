from django.urls import path

from . import views

app_name = "waiting"
urlpatterns = [
    path("queue/<slug:name>/", views.show_room, name="room"),
    path("queue/<slug:name>/standing/", views.show_standing, name="standing"),
    path("queue/<slug:name>/again/", views.join_again, name="again"),
]
