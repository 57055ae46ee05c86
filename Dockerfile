# One image for every service of docker-compose.yml; what it does is the command it is given.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv
COPY . .
RUN pip install -c constraints.txt . && rm -rf /srv/* \
 && useradd --system --create-home --home-dir /data amends

USER amends
ENV AMENDS_DATA=/data AMENDS_LOG_FORMAT=json
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["amends"]
CMD ["up", "--host", "0.0.0.0"]
