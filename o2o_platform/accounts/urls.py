"""Sign-in and the garage. allauth's names are kept; pages the platform does without are not routed."""

from allauth.account import views as allauth_views
from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage
from django.urls import include, path
from django.views.generic import RedirectView

from o2o_platform.accounts import views, views_privacy

code_view = login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login")(views.CodeView.as_view())
to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

own = (
    [
        path("garage/", views.show_garage, name="garage"),
        path("garage/data/", views_privacy.show_data, name="data"),
        path("garage/data/download/", views_privacy.download_data, name="download_data"),
        path("garage/data/delete/", views_privacy.delete_account, name="delete"),
        # Before the admin's own: its sign-in knows neither the limits nor the second factor.
        path("admin/login/", views.StaffLoginView.as_view(), name="staff_login"),
    ],
    "accounts",
)

urlpatterns = [
    path("", include(own)),
    path("i18n/setlang/", views.set_language, name="set_language"),
    path("accounts/login/", views.SignInView.as_view(), name="account_login"),
    path("accounts/login/code/confirm/", code_view, name="account_confirm_login_code"),
    path("accounts/signup/", to_sign_in, name="account_signup"),
    path("accounts/logout/", allauth_views.logout, name="account_logout"),
    path("accounts/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]
