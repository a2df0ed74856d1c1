"""Static files under names that hold their hash, also where one script imports another."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """What a script imports is served under the name with its hash too: so all that runs in a browser is named, with
    its hash, in the statements of keys."""

    support_js_module_import_aggregation = True
