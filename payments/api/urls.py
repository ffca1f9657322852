from django.urls import path

from .dealer_views import OrderPaymentsView, SalesView
from .views import BalanceView, DepositView
from .voucher_views import PayView, RedeemView, RefundView, VouchersView, VoucherView

urlpatterns = [
    path("orders/<str:reference>/balance/", BalanceView.as_view(), name="order-balance"),
    path("orders/<str:reference>/deposit/", DepositView.as_view(), name="order-deposit"),
    path("vouchers/", VouchersView.as_view(), name="vouchers"),
    path("vouchers/<str:reference>/", VoucherView.as_view(), name="voucher"),
    path("vouchers/<str:reference>/pay/", PayView.as_view(), name="voucher-pay"),
    path("vouchers/<str:reference>/refund/", RefundView.as_view(), name="voucher-refund"),
    path("dealer/orders/<str:reference>/voucher/", RedeemView.as_view(), name="dealer-order-voucher"),
    path("dealer/orders/<str:reference>/payments/", OrderPaymentsView.as_view(), name="dealer-order-payments"),
    path("dealer/sales/", SalesView.as_view(), name="dealer-sales"),
]
