from django.urls import path

from . import views, views_voucher
from .views_balance import balance

app_name = "payments"

urlpatterns = [
    path("return/<slug:reference>/", views.come_back, name="return"),
    path("notice/<slug:provider_name>/", views.notice, name="notice"),
    path("vouchers/<slug:slug>/", views_voucher.buy, name="voucher_buy"),
    path("voucher/<slug:reference>/", views_voucher.pay, name="voucher_pay"),
    path("voucher/<slug:reference>/refund/", views_voucher.refund, name="voucher_refund"),
    path("<slug:reference>/", views.pay, name="pay"),
    path("<slug:reference>/balance/", balance, name="balance"),
]
