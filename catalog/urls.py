from django.urls import path

from catalog import views

app_name = "catalog"

urlpatterns = [
    path("", views.home, name="home"),
    path("cars/", views.car_list, name="list"),
    path("cars/suggest/", views.suggest, name="suggest"),
    path("cars/<slug:slug>/", views.model_detail, name="model"),
    path("cars/<slug:slug>/<slug:code>/", views.trim_detail, name="trim"),
]
