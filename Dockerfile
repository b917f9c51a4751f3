# Saleor's published image with the plugin in it. The same image runs the API and the Celery worker.
#   docker build --build-arg SALEOR_VERSION=3.23 --tag saleor-with-support .
ARG SALEOR_VERSION=3.23

FROM python:3.12-slim AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY saleor_support_plugin ./saleor_support_plugin
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM ghcr.io/saleor/saleor:${SALEOR_VERSION}
COPY --from=wheel /wheels /tmp/wheels
# Saleor's own versions are constraints: where the plugin would have to change one, the build fails.
RUN python -m pip list --format=freeze --exclude pip --exclude setuptools > /tmp/saleor.txt \
  && python -m pip install --no-cache-dir --constraint /tmp/saleor.txt /tmp/wheels/*.whl \
  && rm -r /tmp/wheels /tmp/saleor.txt
