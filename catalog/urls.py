from django.urls import path

from catalog.views import finance, listing, share, suggest, vehicle

app_name = "catalog"

urlpatterns = [
    path("", listing.home, name="home"),
    path("cars/", listing.car_list, name="list"),
    path("cars/suggest/", suggest.suggest, name="suggest"),
    path("cars/<slug:slug>/", vehicle.model_detail, name="model"),
    path("cars/<slug:slug>/<slug:code>/", vehicle.trim_detail, name="trim"),
    path("cars/<slug:slug>/<slug:code>/finance/", finance.trim_finance, name="finance"),
    path("share/<slug:slug>.png", share.model_image, name="share_model"),
    path("share/<slug:slug>/<slug:code>.png", share.trim_image, name="share_trim"),
]
