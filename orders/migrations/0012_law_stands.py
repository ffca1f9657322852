from django.db import migrations

# What a buyer accepted, and the rule an order keeps to, are never rewritten. A rule in force may only end.
FORBID = """
CREATE FUNCTION orders_terms_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.in_force_from <= now() AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
        RAISE EXCEPTION 'terms in force are never changed: write a new version' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER orders_terms_stand BEFORE UPDATE OR DELETE ON orders_terms
    FOR EACH ROW EXECUTE FUNCTION orders_terms_stand();

CREATE FUNCTION orders_salerule_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed orders_salerule;
    today date := (SELECT (now() AT TIME ZONE time_zone)::date FROM markets_market WHERE code = OLD.market_id);
BEGIN
    IF NOT isempty(OLD.validity) AND coalesce(lower(OLD.validity), '-infinity') <= today THEN
        IF TG_OP = 'UPDATE' THEN
            changed := NEW;
            changed.validity := OLD.validity;
        END IF;
        IF TG_OP = 'DELETE' OR changed IS DISTINCT FROM OLD
            OR (NOT isempty(NEW.validity) AND lower(NEW.validity) IS DISTINCT FROM lower(OLD.validity)) THEN
            RAISE EXCEPTION 'a sale rule in force is never changed, only ended' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER orders_salerule_stands BEFORE UPDATE OR DELETE ON orders_salerule
    FOR EACH ROW EXECUTE FUNCTION orders_salerule_stands();
"""
ALLOW = """
DROP TRIGGER orders_salerule_stands ON orders_salerule;
DROP FUNCTION orders_salerule_stands();
DROP TRIGGER orders_terms_stand ON orders_terms;
DROP FUNCTION orders_terms_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("markets", "0002_extensions"), ("orders", "0011_breach_and_withdrawal")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
