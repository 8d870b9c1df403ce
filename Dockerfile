# The environment of every rule, and the workflow in /opt/nnpm:
#   docker build --tag nnpm .
#   docker run --rm --gpus all --volume "$PWD:/study" --workdir /study nnpm snakemake --cores 8 all    # in a clone
# Without a GPU, the CPU build of PyTorch spares gigabytes:
#   docker build --tag nnpm --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu .
FROM python:3.11-slim-bookworm
ARG PIP_EXTRA_INDEX_URL
RUN apt-get update && apt-get install --yes --no-install-recommends ffmpeg make && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/nnpm
COPY . .
RUN make .venv/installed && chmod -R a+rwX .
ENV PATH=/opt/nnpm/.venv/bin:$PATH
CMD ["snakemake", "--help"]
