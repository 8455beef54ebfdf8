# ARG before FROM: a test or a closed network swaps the base for one that it made itself.
# It needs python3 >= 3.11 with venv on PATH. In a release, pin it by digest.
ARG BASE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
# The packages change seldom, so they are a layer of their own. The venv that is shipped holds no pip:
# a second one installs into it from outside.
COPY deploy/requirements.lock ./
RUN python3 -m venv /opt/installer \
 && python3 -m venv --without-pip /opt/labfleet \
 && /opt/installer/bin/pip --python /opt/labfleet/bin/python install --no-cache-dir --quiet \
      --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY adapters ./adapters
COPY orchestrator ./orchestrator
RUN /opt/installer/bin/pip --python /opt/labfleet/bin/python install --no-cache-dir --quiet \
      --disable-pip-version-check --no-deps .

FROM ${BASE}
SHELL ["/bin/sh", "-eu", "-c"]
# The base's suite decides tini's version: one pinned here would leave the mirror at the next update.
# hadolint ignore=DL3008
RUN command -v tini >/dev/null || { \
      apt-get update; \
      apt-get install -y --no-install-recommends tini; \
      rm -rf /var/lib/apt/lists/*; \
    }; \
    useradd --uid 10001 --no-create-home --home-dir /var/lib/labfleet --shell /usr/sbin/nologin labfleet; \
    install -d -o 10001 -g 10001 -m 0700 /var/lib/labfleet; \
    install -d -m 0755 /etc/labfleet
COPY --from=build /opt/labfleet /opt/labfleet

# All that is written goes to the volume (journal, workspaces) or to /tmp, which is a tmpfs under a
# read-only root. Loopback inside a container is reachable by nobody: publish the port with care.
# The port is set here so that the health check and the listener agree whatever the file says.
ENV PATH=/opt/labfleet/bin:$PATH \
    HOME=/var/lib/labfleet \
    TMPDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LABFLEET_STATE_DIR=/var/lib/labfleet \
    LABFLEET_WEB__HOST=0.0.0.0 \
    LABFLEET_WEB__PORT=9464
USER 10001:10001
WORKDIR /var/lib/labfleet
VOLUME /var/lib/labfleet
EXPOSE 9464
STOPSIGNAL SIGTERM

# No proxy: one that the environment names for the lab's traffic must not be asked for loopback.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/opt/labfleet/bin/python", "-I", "-c", "import os, urllib.request as u; \
u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['LABFLEET_WEB__PORT'] + '/livez', timeout=4)"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="labfleet" \
      org.opencontainers.image.description="One process that is a whole lab: it runs the automated tests of many QAComplete hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# tini reaps what tools leave behind; -s lets it do so even when it is not process 1 (docker --init).
# Not -g: that hands SIGTERM to a whole group at once, and it is labfleet that decides which of its
# tools may finish and in what order the rest are ended.
ENTRYPOINT ["tini", "-s", "--", "labfleet"]
CMD ["run", "--config", "/etc/labfleet/labfleet.toml"]
