from django.urls import path, register_converter

from catalog.converters import PictureNameConverter
from catalog.stores import views as store_views
from catalog.views import compare, configuration, finance, listing, photos, saved, share, suggest, vehicle

register_converter(PictureNameConverter, "picture")

app_name = "catalog"

urlpatterns = [
    path("media/photos/<picture:name>", photos.photo_file, name="photo"),
    path("", listing.home, name="home"),
    path("theme/<slug:digest>.css", store_views.theme, name="shop_theme"),
    path("cars/", listing.car_list, name="list"),
    path("cars/suggest/", suggest.suggest, name="suggest"),
    path("cars/<slug:slug>/", vehicle.model_detail, name="model"),
    path("cars/<slug:slug>/<slug:code>/", vehicle.trim_detail, name="trim"),
    path("cars/<slug:slug>/<slug:code>/finance/", finance.trim_finance, name="finance"),
    path("compare/", compare.compare, name="compare"),
    path("saved/cars/", saved.save_car, name="save_car"),
    path("saved/cars/<int:pk>/", saved.change_car, name="change_car"),
    path("saved/searches/", saved.save_search, name="save_search"),
    path("saved/searches/<int:pk>/", saved.change_search, name="change_search"),
    path("saved/resume/", saved.resume, name="resume_saving"),
    path("alerts/stop/<str:token>/", saved.stop_alerts, name="stop_alerts"),
    path("c/", configuration.codes, name="codes"),
    path("c/<str:code>/", configuration.configuration, name="configuration"),
    path("share/<slug:slug>.png", share.model_image, name="share_model"),
    path("share/<slug:slug>/<slug:code>.png", share.trim_image, name="share_trim"),
]
