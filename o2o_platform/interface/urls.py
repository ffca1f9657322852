from django.urls import path

from o2o_platform.interface import views

app_name = "interface"

urlpatterns = [
    path("city/", views.choose_city, name="choose_city"),
    path("share/site.png", views.share_site, name="share_site"),
    path("dev/interface/", views.gallery, name="gallery"),
]
