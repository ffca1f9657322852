from django.urls import path

from . import views, views_interest, views_law, views_quote, views_scan, views_trade_in, views_voucher
from .festival.urls import urlpatterns as festival_urls
from .views_consent import decide
from .views_direct import delivery, delivery_window, give_back, identity, loan
from .views_drive import book_drive
from .views_reserve import reserve

app_name = "orders"

urlpatterns = [
    path("trade-in/", views_trade_in.trade_in, name="trade_ins"),
    path("trade-in/<slug:reference>/", views_trade_in.show, name="trade_in"),
    path("trade-in/<slug:reference>/withdraw/", views_trade_in.withdraw, name="trade_in_withdraw"),
    path("trade-in/<slug:reference>/photos/<int:position>.webp", views_trade_in.photo, name="trade_in_photo"),
    *festival_urls,
    path("reserve/", reserve, name="reserve"),
    path("interest/", views_interest.interest, name="interest"),
    path("interest/<int:pk>/withdraw/", views_interest.withdraw, name="interest_withdraw"),
    path("s/<slug:code>/", views_scan.scan, name="scan"),
    path("showroom/<slug:code>/", views_scan.showroom, name="showroom"),
    path("quotes/", views_quote.enter_code, name="quotes"),
    path("quotes/<slug:token>/", views_quote.show, name="quote"),
    path("quotes/<slug:token>/claim/", views_quote.claim, name="quote_claim"),
    path("quotes/<slug:token>/reserve/", views_quote.reserve, name="quote_reserve"),
    path("quotes/<slug:token>/test-drive/", views_quote.book_drive, name="quote_drive"),
    path("vouchers/<slug:slug>/", views_voucher.offer, name="voucher_offer"),
    path("my-vouchers/<slug:reference>/", views_voucher.show, name="voucher"),
    path("v/<slug:code>/", views_voucher.scan, name="voucher_scan"),
    path("orders/<slug:reference>/", views.detail, name="detail"),
    path("orders/<slug:reference>/state/", views.state, name="state"),
    path("orders/<slug:reference>/terms/", views_law.accepted, name="accepted"),
    path("orders/<slug:reference>/withdraw/", views_law.withdraw, name="withdraw"),
    path("orders/<slug:reference>/cancel/", views.cancel, name="cancel"),
    path("orders/<slug:reference>/alternative/", views.alternative, name="alternative"),
    path("orders/<slug:reference>/identity/", identity, name="identity"),
    path("orders/<slug:reference>/delivery/", delivery, name="delivery"),
    path("orders/<slug:reference>/delivery/window/", delivery_window, name="delivery_window"),
    path("orders/<slug:reference>/loan/", loan, name="loan"),
    path("orders/<slug:reference>/return/", give_back, name="return"),
    path("orders/<slug:reference>/decide/", decide, name="decide"),
    path("orders/<slug:reference>/test-drive/", book_drive, name="drive"),
]
