from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    name = "o2o_platform.interface"
    label = "interface"
