"""Files by path, the same on this machine, on Google Cloud Storage and on S3.

A path is one of this machine, or ``gs://bucket/name`` or ``s3://bucket/name``. A file appears under
its name when it is whole. A file that is not there is a `FileNotFoundError`; whatever else a file
system refuses is an `OSError` with the path, and what a user must set up first is a `ConfigError`.
Beam has file systems too; readers, trainer and users of the library must not need Beam.
"""
