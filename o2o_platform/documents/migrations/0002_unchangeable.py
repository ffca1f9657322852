from django.db import migrations

FORBID = """
CREATE FUNCTION documents_document_unchangeable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'documents are never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER documents_document_unchangeable BEFORE UPDATE OR DELETE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_document_unchangeable();
"""
ALLOW = """
DROP TRIGGER documents_document_unchangeable ON documents_document;
DROP FUNCTION documents_document_unchangeable();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
