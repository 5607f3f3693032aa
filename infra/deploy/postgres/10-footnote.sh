#!/bin/sh
# Run once by the PostgreSQL image, as its superuser: Footnote's own database and a role that is nothing but its owner.
set -eu
password=$(head -n 1 "${FOOTNOTE_PASSWORD_FILE:-/run/secrets/database_password}")
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$password" \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" <<'SQL'
CREATE ROLE footnote LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE footnote_reader NOLOGIN;
GRANT footnote_reader TO footnote;
CREATE DATABASE footnote OWNER footnote;
REVOKE ALL ON DATABASE footnote FROM PUBLIC;
SQL
