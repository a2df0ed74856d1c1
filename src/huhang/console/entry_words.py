"""What the verbs of the log's entries are called, those beside the cases' too."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

from huhang.cases import flow
from huhang.cases.timeline import OTHER_VERBS

ENTRY_WORDS: dict[str, Any] = {
    **flow.VERBS,
    **OTHER_VERBS,
    "read": pgettext_lazy("entry", "Confidential case read"),
    "publish": pgettext_lazy("entry", "Bulletin published"),
    "withdraw": pgettext_lazy("entry", "Bulletin taken back"),
    "note_sent_up": pgettext_lazy("entry", "Reports of a superior organ noted"),
    "forward": pgettext_lazy("entry", "Sent up to the superior organ"),
    "draft": pgettext_lazy("entry", "Draft saved"),
    "hand_on_draft": pgettext_lazy("entry", "Draft handed on"),
    "discard_draft": pgettext_lazy("entry", "Draft discarded"),
    "freeze": pgettext_lazy("entry", "Return frozen"),
    "sign": pgettext_lazy("entry", "Return signed"),
    "send": pgettext_lazy("entry", "Return sent"),
    "begin_log": pgettext_lazy("entry", "New log begun in place of another"),
    "announce_keys": pgettext_lazy("entry", "Keys of the log announced"),
    "renew_log_keys": pgettext_lazy("entry", "New keys of the log made"),
    "retire_log_keys": pgettext_lazy("entry", "Old keys of the log retired"),
    "continue_log": pgettext_lazy("entry", "Log continued from a mirror"),
    "import_begin": pgettext_lazy("entry", "Import received"),
    "import_checking": pgettext_lazy("entry", "Import being looked at"),
    "import_checked": pgettext_lazy("entry", "Import ready to confirm"),
    "import_running": pgettext_lazy("entry", "Import confirmed"),
    "import_group": pgettext_lazy("entry", "Import, rows written"),
    "import_end": pgettext_lazy("entry", "Import done"),
    "import_failed": pgettext_lazy("entry", "Import failed"),
    "import_dropped": pgettext_lazy("entry", "Import given up"),
    "import_stopped": pgettext_lazy("entry", "Import stopped"),
    "register": pgettext_lazy("entry", "Register of businesses taken in"),
    "events": pgettext_lazy("entry", "Events taken in"),
    "take_up_name": pgettext_lazy("entry", "Name of a hand-over taken up"),
    "leave_name": pgettext_lazy("entry", "Name of a hand-over left open"),
    "add_source": pgettext_lazy("entry", "Source added"),
    "change_source": pgettext_lazy("entry", "Source changed"),
    "map_source": pgettext_lazy("entry", "Source mapped"),
    "take_over_source": pgettext_lazy("entry", "Source taken over"),
    "use_source": pgettext_lazy("entry", "Source used again"),
    "retire_source": pgettext_lazy("entry", "Source retired"),
    "make_push_key": pgettext_lazy("entry", "Push key made"),
    "end_push_key": pgettext_lazy("entry", "Push key ended"),
    "load_calendar": pgettext_lazy("entry", "Calendar loaded"),
    "recount": pgettext_lazy("entry", "Due days counted anew"),
    "add_unit": pgettext_lazy("entry", "Unit added"),
    "change_unit": pgettext_lazy("entry", "Unit changed"),
    "add_alias": pgettext_lazy("entry", "Alias added"),
    "remove_alias": pgettext_lazy("entry", "Alias taken away"),
    "add_group": pgettext_lazy("entry", "Group added"),
    "renew_team": pgettext_lazy("entry", "Joint team renewed"),
    "supervise": pgettext_lazy("entry", "Supervised units set"),
    "add_site": pgettext_lazy("entry", "Site added"),
    "change_site": pgettext_lazy("entry", "Site changed"),
    "add_user": pgettext_lazy("entry", "Person added"),
    "set_posts": pgettext_lazy("entry", "Posts set"),
    "open_history": pgettext_lazy("entry", "History of a person opened"),
    "add_membership": pgettext_lazy("entry", "Role given"),
    "end_membership": pgettext_lazy("entry", "Role ended"),
    "lock_user": pgettext_lazy("entry", "Person locked out"),
    "unlock_user": pgettext_lazy("entry", "Person let in again"),
    "invite": pgettext_lazy("entry", "Invitation made"),
    "change_password": pgettext_lazy("entry", "Password changed"),
    "accept_invitation": pgettext_lazy("entry", "Invitation accepted"),
    "set_password": pgettext_lazy("entry", "Password set"),
    "end_sessions": pgettext_lazy("entry", "Sessions ended"),
    "enrol_factor": pgettext_lazy("entry", "Second factor set up"),
    "remove_factor": pgettext_lazy("entry", "Second factor taken away"),
    "renew_recovery_codes": pgettext_lazy("entry", "Recovery codes renewed"),
    "use_recovery_code": pgettext_lazy("entry", "Recovery code used"),
    "mail_on": pgettext_lazy("entry", "Mails turned on"),
    "mail_off": pgettext_lazy("entry", "Mails turned off"),
    "bind_identity": pgettext_lazy("entry", "Identity of the provider bound"),
    "forget_identity": pgettext_lazy("entry", "Identity of the provider forgotten"),
    "make_token": pgettext_lazy("entry", "Token made"),
    "revoke_token": pgettext_lazy("entry", "Token revoked"),
}


def entry_words(verb: str) -> str:
    """A verb in words; the verb itself where an older version of the product wrote it."""
    return str(ENTRY_WORDS.get(verb, verb))
