"""Triggers that note which trims changed their place in the list of cars (see `catalog.models.Touch`)."""

from django.db import migrations

NOTE = """
CREATE FUNCTION catalog_note_touch(trim_ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO catalog_touch (xid, trim_id)
    SELECT pg_current_xact_id()::text::bigint, trim_id FROM unnest(trim_ids) AS trim_id WHERE trim_id IS NOT NULL
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION catalog_touch_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM catalog_note_touch(ARRAY[OLD.trim_id]);
    ELSIF TG_OP = 'UPDATE' AND OLD.trim_id <> NEW.trim_id THEN
        PERFORM catalog_note_touch(ARRAY[OLD.trim_id, NEW.trim_id]);
    ELSE
        PERFORM catalog_note_touch(ARRAY[NEW.trim_id]);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_touch_trim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_note_touch(ARRAY[COALESCE(NEW.id, OLD.id)]);
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_touch_model() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_note_touch(ARRAY(SELECT id FROM catalog_trim WHERE vehicle_model_id = NEW.id));
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_touch_dealership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_note_touch(ARRAY(SELECT DISTINCT trim_id FROM catalog_stockunit WHERE dealership_id = NEW.id));
    RETURN NULL;
END $$;

CREATE TRIGGER catalog_stockunit_touch AFTER INSERT OR DELETE ON catalog_stockunit
    FOR EACH ROW EXECUTE FUNCTION catalog_touch_row();
CREATE TRIGGER catalog_stockunit_touch_change AFTER UPDATE ON catalog_stockunit FOR EACH ROW
    WHEN ((OLD.availability, OLD.stage, OLD.dealership_id, OLD.market_id, OLD.trim_id, OLD.colour_id, OLD.discount)
        IS DISTINCT FROM
        (NEW.availability, NEW.stage, NEW.dealership_id, NEW.market_id, NEW.trim_id, NEW.colour_id, NEW.discount))
    EXECUTE FUNCTION catalog_touch_row();
CREATE TRIGGER catalog_offer_touch AFTER INSERT OR UPDATE OR DELETE ON catalog_offer
    FOR EACH ROW EXECUTE FUNCTION catalog_touch_row();
CREATE TRIGGER catalog_campaign_trims_touch AFTER INSERT OR DELETE ON catalog_campaign_trims
    FOR EACH ROW EXECUTE FUNCTION catalog_touch_row();
CREATE TRIGGER catalog_trim_touch AFTER INSERT OR UPDATE OR DELETE ON catalog_trim
    FOR EACH ROW EXECUTE FUNCTION catalog_touch_trim();
CREATE TRIGGER catalog_vehiclemodel_touch AFTER UPDATE OF body_type, brand_id ON catalog_vehiclemodel
    FOR EACH ROW EXECUTE FUNCTION catalog_touch_model();
CREATE TRIGGER dealers_dealership_touch AFTER UPDATE ON dealers_dealership FOR EACH ROW
    WHEN ((OLD.is_active, OLD.city_id) IS DISTINCT FROM (NEW.is_active, NEW.city_id))
    EXECUTE FUNCTION catalog_touch_dealership();
"""

FORGET = """
DROP TRIGGER dealers_dealership_touch ON dealers_dealership;
DROP TRIGGER catalog_vehiclemodel_touch ON catalog_vehiclemodel;
DROP TRIGGER catalog_trim_touch ON catalog_trim;
DROP TRIGGER catalog_campaign_trims_touch ON catalog_campaign_trims;
DROP TRIGGER catalog_offer_touch ON catalog_offer;
DROP TRIGGER catalog_stockunit_touch_change ON catalog_stockunit;
DROP TRIGGER catalog_stockunit_touch ON catalog_stockunit;
DROP FUNCTION catalog_touch_dealership(), catalog_touch_model(), catalog_touch_trim(), catalog_touch_row(),
    catalog_note_touch(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_catalogue_keeping"), ("dealers", "0002_dealer_keys")]
    operations = [migrations.RunSQL(NOTE, FORGET)]
