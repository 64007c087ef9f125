# The whole program in one image; what a container is for says `run --role`. See docs/deployment.md.

FROM python:3.13-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# What the lock file names first: it changes seldom, and is kept as a layer of its own.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra charts --no-install-project
COPY . .
RUN uv sync --frozen --no-dev --extra charts

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data energy-flash
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp \
    ENERGY_FLASH_DATA_DIR=/data
# The key store, if it is kept here; a shop with servers of its own keeps nothing else.
VOLUME /data
WORKDIR /data
USER 10001
# SIGTERM is answered within ten seconds.
STOPSIGNAL SIGTERM
# Whether the process does anything: it touches the file every five seconds.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.stat('/tmp/alive').st_mtime > 30)"]
ENTRYPOINT ["energy-flash"]
CMD ["run", "--alive-file", "/tmp/alive"]
