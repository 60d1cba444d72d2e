#!/bin/sh
# Runs once, when the database's volume is empty: the two roles and the database (docs/decisions/0003).
# The owner migrates; the application's role owns nothing and gets its rights from each migration.
set -eu
: "${OBELUS_OWNER_PASSWORD:?}" "${OBELUS_APP_PASSWORD:?}"

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set owner_password="$OBELUS_OWNER_PASSWORD" --set app_password="$OBELUS_APP_PASSWORD" <<'SQL'
CREATE ROLE obelus_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE obelus_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE obelus OWNER obelus_owner;
REVOKE ALL ON DATABASE obelus FROM PUBLIC;
GRANT CONNECT ON DATABASE obelus TO obelus_app;
SQL
