# Stage 1 makes the single executable; nothing else of it reaches the image that runs.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json bootstrap.mjs ./
RUN node bootstrap.mjs install
COPY . .
RUN npm run build

# Stage 2: Python for the Python scripts. JavaScript runs on the Bun inside the executable.
FROM python:3.11-slim-bookworm
# 1000 is the first user of most Linux machines, so a mounted folder of theirs can be written without a chown.
RUN groupadd --gid 1000 gateway \
 && useradd --uid 1000 --gid gateway --create-home --shell /usr/sbin/nologin gateway \
 && install --directory --owner=gateway --group=gateway /app /app/data
WORKDIR /app
COPY --from=build /build/dist/scriptgateway /usr/local/bin/scriptgateway
# The samples are what an empty volume starts with.
COPY --chown=gateway:gateway scripts_repo ./scripts_repo

# Every address of the container: who may come in is for access control, and what is published for compose.yaml.
ENV HOST=0.0.0.0 \
    PORT=8001 \
    DATA_DIR=/app/data \
    SCRIPTS_DIR=/app/scripts_repo \
    PYTHON=/usr/local/bin/python3
USER gateway
VOLUME ["/app/data", "/app/scripts_repo"]
EXPOSE 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["scriptgateway", "health"]
ENTRYPOINT ["scriptgateway"]
CMD ["serve"]
