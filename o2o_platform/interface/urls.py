from django.urls import path

from o2o_platform.interface import crawling, views

app_name = "interface"

urlpatterns = [
    path("city/", views.choose_city, name="choose_city"),
    path("robots.txt", crawling.robots, name="robots"),
    path("sitemap.xml", crawling.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>-<int:part>.xml", crawling.sitemap_section, name="sitemap_section"),
    path("share/site.png", views.share_site, name="share_site"),
    path("dev/interface/", views.gallery, name="gallery"),
]
