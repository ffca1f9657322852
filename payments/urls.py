from django.urls import path

from . import views

app_name = "payments"

urlpatterns = [
    path("return/<slug:reference>/", views.come_back, name="return"),
    path("notice/<slug:provider_name>/", views.notice, name="notice"),
    path("<slug:reference>/", views.pay, name="pay"),
]
