"""Signing in, the garage, and switching the language."""

from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.mixins import NextRedirectMixin, RedirectAuthenticatedUserMixin
from allauth.account.stages import LoginByCodeStage, LoginStage
from allauth.account.views import ConfirmLoginCodeView, LoginView
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.edit import FormView

from o2o_platform.accounts import garage
from o2o_platform.accounts.adapter import signed_in_by_code_alone
from o2o_platform.accounts.forms import CodeForm, IdentifierForm, ProfileForm, StaffLoginForm
from o2o_platform.accounts.sign_in import CodeNotSent, CodeSignIn, TooManyCodes


class SignInView(RedirectAuthenticatedUserMixin, NextRedirectMixin, FormView):
    """One page for newcomers and regulars: phone or e-mail, then the code."""

    form_class = IdentifierForm
    template_name = "account/login.html"

    def get_success_url(self) -> str | None:
        if self.request.user.is_authenticated:
            return None
        return self.passthrough_next_url(reverse("account_confirm_login_code"))

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> HttpResponse | None:
        """Somebody who comes back from the code page wants to correct the number."""
        if stage.key == LoginByCodeStage.key:
            return None
        return super()._redirect_to_pending_stage(request, stage)

    def form_valid(self, form: IdentifierForm) -> HttpResponse:
        try:
            CodeSignIn.begin(self.request, form.cleaned_data["login"])
        except (TooManyCodes, CodeNotSent) as error:
            form.add_error("login", explain(error))
            response = self.form_invalid(form)
            response.status_code = 429 if isinstance(error, TooManyCodes) else 503
            return response
        return super().form_valid(form)


class CodeView(ConfirmLoginCodeView):
    """The code page: confirm, or have another code sent."""

    form_class = CodeForm
    template_name = "account/confirm_login_code.html"

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage
        self._process = CodeSignIn.resume(self.stage)
        if not self._process:
            messages.error(request, _("The code has expired. Ask for a new one."))
            return HttpResponseRedirect(self.passthrough_next_url(reverse("account_login")))
        return super(ConfirmLoginCodeView, self).dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._action == "verify" and not self._process.may_guess():
            return self._start_over(_("Too many tries. Wait some minutes, then ask for a new code."))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: CodeForm) -> HttpResponse:
        if not form.data.get("code", "").strip():
            return FormView.form_invalid(self, form)
        if self._process.record_invalid_attempt():
            return FormView.form_invalid(self, form)
        return self._start_over(_("Too many wrong codes. Ask for a new one."))

    def _resend_form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            self._process.resend()
        except (TooManyCodes, CodeNotSent) as error:
            messages.error(self.request, explain(error))
        else:
            messages.success(self.request, _("We sent a new code."))
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))

    def _verify_form_valid(self, form: CodeForm) -> HttpResponse:
        response = super()._verify_form_valid(form)
        if self.request.user.is_authenticated:
            keep_language(self.request, response)
        return response

    def _start_over(self, message: str) -> HttpResponse:
        clear_login(self.request)
        messages.error(self.request, message)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_login")))


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class StaffLoginView(LoginView):
    """E-mail and password, then the second factor where one is set up; the door to the admin."""

    form_class = StaffLoginForm
    template_name = "account/staff_login.html"

    def get_form_class(self) -> type[StaffLoginForm]:
        return StaffLoginForm

    @method_decorator(rate_limit(action="login"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form, even for somebody signed in who is a buyer or came by a code alone."""
        user = request.user
        if user.is_authenticated and user.is_staff and not signed_in_by_code_alone(request):
            return HttpResponseRedirect(self.get_success_url())
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_default_success_url(self) -> str:
        return reverse("admin:index")


def explain(error: TooManyCodes | CodeNotSent) -> str:
    """What to tell the person; the same for numbers known and unknown."""
    if isinstance(error, TooManyCodes):
        return _("You asked for a code just now. Wait half a minute, then try again.")
    return _("We could not send the code. Try again in a minute.")


def keep_language(request: HttpRequest, response: HttpResponse) -> None:
    """A language chosen on this device becomes the account's; else the account's is used on this device."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        store_language(request, request.LANGUAGE_CODE)
    else:
        set_language_cookie(response, request.user.language)


def store_language(request: HttpRequest, language: str) -> None:
    if request.user.language != language and language in dict(settings.LANGUAGES):
        request.user.language = language
        request.user.save(update_fields=["language"])


def set_language_cookie(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


def set_language(request: HttpRequest) -> HttpResponse:
    """Django's language switch, which also tells the account: messages go out in its language."""
    response = i18n.set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(language):
        store_language(request, language)
    return response


@login_required
@never_cache
def show_garage(request: HttpRequest) -> HttpResponse:
    """The person's own page: profile, and the sections of the apps above."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = HttpResponseRedirect(reverse("accounts:garage"))
        set_language_cookie(response, request.user.language)
        return response
    context = {"form": form, "sections": garage.load_sections(request.user)}
    return render(request, "accounts/garage.html", context)
