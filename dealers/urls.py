from django.urls import path

from .views import appointments, booking, dealerships

app_name = "dealers"
urlpatterns = [
    path("dealerships/", dealerships.list_dealerships, name="list"),
    path("dealerships/<slug:code>/", dealerships.show_dealership, name="detail"),
    path("test-drives/new/", booking.book, name="book"),
    path("test-drives/<slug:reference>.ics", appointments.download_calendar, name="calendar"),
    path("test-drives/<slug:reference>/", appointments.show_appointment, name="appointment"),
    path("test-drives/<slug:reference>/move/", appointments.move_appointment, name="move"),
    path("test-drives/<slug:reference>/accept/", appointments.accept_time, name="accept"),
    path("test-drives/<slug:reference>/cancel/", appointments.cancel_appointment, name="cancel"),
]
