-- What a record of the trail is found by, as "name:value": read from the record itself, so that it cannot say otherwise.
CREATE FUNCTION audit_terms(record text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
    SELECT array_agg(DISTINCT found[1] || ':' || left(found[2], 200))
    FROM regexp_matches(record, '"(kind|action|refused|principal|document_id)":"([^"\\]*)"', 'g') AS found
$$;
CREATE INDEX audit_terms_idx ON audit USING gin (audit_terms(record));
CREATE INDEX audit_recorded_at_idx ON audit (recorded_at);
