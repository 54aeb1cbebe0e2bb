"""The Beam pipelines: parts, wiring, options and runners. The arithmetic is in the rooms below."""

from massivetext.pipelines.storage_settings import settings_of_worker
from massivetext.storage import settings_from

settings_from(settings_of_worker)
