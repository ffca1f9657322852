from django.conf import settings
from django.urls import path

from . import views, views_choices

app_name = "notifications"
urlpatterns = [
    path("garage/messages/", views_choices.show_choices, name="choices"),
    path("messages/stop/<str:token>/", views_choices.stop, name="stop"),
]
if settings.DEVELOPMENT:
    urlpatterns += [
        path("dev/messages/", views.show_messages, name="messages"),
        path("dev/messages/templates/", views.show_templates, name="templates"),
    ]
