import pytest

from o2o_platform.notifications.models import DevelopmentMessage


@pytest.fixture
def messages(db):
    for number in range(25):
        DevelopmentMessage.objects.create(medium="sms", to=f"+86138000{number:05d}", body=f"Code {number}")
    DevelopmentMessage.objects.create(
        medium="email",
        to="li@example.com",
        subject="Hello <you>",
        body="See https://example.com/x",
        attachment_name="lead.xml",
        attachment="<adf/>",
    )


@pytest.mark.parametrize("language", ["zh-hans", "en", "de", "pl"])
def test_newest_first_escaped_with_attachment(client, messages, language):
    page = client.get("/dev/messages/", headers={"accept-language": language}).content.decode()
    assert page.index("li@example.com") < page.index("Code 24") < page.index("Code 23")
    assert "Hello &lt;you&gt;" in page
    assert "&lt;adf/&gt;" in page
    assert "Code 0<" not in page


def test_narrowed_to_one_recipient(client, messages):
    page = client.get("/dev/messages/", {"to": "li@example.com"}).content.decode()
    assert "Hello" in page
    assert "Code 24" not in page


def test_further_pages(client, messages):
    assert "Code 0<" in client.get("/dev/messages/", {"page": "2"}).content.decode()


def test_nothing_yet(client, db):
    assert client.get("/dev/messages/", {"to": "nobody"}).status_code == 200
