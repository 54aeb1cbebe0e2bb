# The image of Dataflow's workers: the packages pinned in constraints.txt, our wheel with its
# kernels, the language model. Built from the checkout after `make models`:
#
#     docker build --tag REGION-docker.pkg.dev/PROJECT/massivetext/massivetext:0.1.0 .
#
# ROOT stays empty in an image; the tests run these steps below a folder of their own.
ARG PYTHON=3.11
ARG BEAM=2.77.0
FROM apache/beam_python${PYTHON}_sdk:${BEAM} AS beam

FROM python:${PYTHON}-bookworm AS build
ARG ROOT=
WORKDIR ${ROOT}/build
COPY . .
RUN pip install --no-cache-dir -c constraints.txt setuptools wheel scikit-build-core nanobind cmake ninja
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels .

FROM python:${PYTHON}-slim-bookworm
ARG ROOT=
ENV MASSIVETEXT_MODELS=${ROOT}/opt/massivetext/models
COPY --from=beam /opt/apache/beam /opt/apache/beam
WORKDIR ${ROOT}/opt/massivetext
COPY --from=build ${ROOT}/build/wheels wheels
COPY constraints.txt .
COPY models models
RUN pip install --no-cache-dir -c constraints.txt "$(echo wheels/*.whl)[dataflow,similar,tfds]"
# What would fail on a worker fails here: a package, the kernels, the model.
RUN pip check
RUN python -c "import massivetext.pipelines.stages.documents.write, massivetext._kernels"
RUN python -c "from massivetext.filters.language.detect import LanguageModel; LanguageModel('models/lid.176.ftz')"
ENTRYPOINT ["/opt/apache/beam/boot"]
