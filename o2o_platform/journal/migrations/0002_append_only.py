from django.db import migrations

FORBID = """
CREATE FUNCTION journal_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'journal_event is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_event_append_only BEFORE UPDATE OR DELETE ON journal_event
    FOR EACH ROW EXECUTE FUNCTION journal_event_append_only();
"""
ALLOW = """
DROP TRIGGER journal_event_append_only ON journal_event;
DROP FUNCTION journal_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
