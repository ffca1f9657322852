from django.urls import path, re_path

from .views import appointments, booking, dealerships, feeds, waiting

app_name = "dealers"
urlpatterns = [
    path("dealerships/", dealerships.list_dealerships, name="list"),
    path("dealerships/<slug:code>/", dealerships.show_dealership, name="detail"),
    path("test-drives/new/", booking.book, name="book"),
    path("test-drives/waiting/", waiting.join, name="wait"),
    path("test-drives/waiting/<int:pk>/", waiting.show, name="waiting"),
    path("test-drives/waiting/<int:pk>/leave/", waiting.leave, name="leave"),
    re_path(r"^calendar/(?P<token>[A-Za-z0-9_-]{43})\.ics$", feeds.show_feed, name="feed"),
    path("test-drives/<slug:reference>.ics", appointments.download_calendar, name="calendar"),
    path("test-drives/<slug:reference>/", appointments.show_appointment, name="appointment"),
    path("test-drives/<slug:reference>/move/", appointments.move_appointment, name="move"),
    path("test-drives/<slug:reference>/accept/", appointments.accept_time, name="accept"),
    path("test-drives/<slug:reference>/cancel/", appointments.cancel_appointment, name="cancel"),
]
