"""Units and users from the command line, as the operator of the machine."""

from __future__ import annotations

import argparse

from django.utils.translation import gettext as _

from huhang.cli import ready
from huhang.cli.output import say
from huhang.cli.servers import invitation_url
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.parties import accounts, actions, factors, identities
from huhang.parties.models import Membership, Unit, User
from huhang.parties.queries import tokens_of
from huhang.parties.words import joined


def unit_add(args: argparse.Namespace) -> int:
    """Add a unit."""
    ready.need()
    unit = write(
        lambda w: actions.add_unit(
            w, code=args.code, name=args.name, name_en=args.name_en, kind=args.kind,
            parent=args.parent,
        ),
        actor=OPERATOR,
    )  # fmt: skip
    say(f"{unit.code} {unit.name}")
    return 0


def unit_alias(args: argparse.Namespace) -> int:
    """Give a unit another name."""
    ready.need()
    write(lambda w: actions.add_alias(w, args.code, args.name), actor=OPERATOR)
    say(f"{args.name} → {args.code}")
    return 0


def unit_list(args: argparse.Namespace) -> int:
    """List units with their aliases."""
    ready.need()
    for unit in Unit.objects.select_related("parent").prefetch_related("aliases").order_by("code"):
        names = joined(a.name for a in unit.aliases.all())
        say("\t".join([unit.code, unit.name, unit.parent.code if unit.parent else "", names]))
    return 0


def user_add(args: argparse.Namespace) -> int:
    """Add somebody and print the invitation."""
    ready.need()
    write(
        lambda w: actions.add_user(
            w, username=args.username, name=args.name, role=args.role, unit=args.unit,
            group=args.group,
        ),
        actor=OPERATOR,
    )  # fmt: skip
    return user_invite(args)


def user_remove_factor(args: argparse.Namespace) -> int:
    """Take the second factor of somebody away who lost their device."""
    ready.need()
    user = write(lambda w: factors.remove(w, args.username), actor=OPERATOR)
    say(_("%(name)s has no second factor any more, and is signed out everywhere.")
        % {"name": user.username})  # fmt: skip
    return 0


def user_forget_identity(args: argparse.Namespace) -> int:
    """End the tie between an account and the identity provider of the office."""
    ready.need()
    user = write(lambda w: identities.forget(w, args.username), actor=OPERATOR)
    say(_("%(name)s is bound to nobody at the provider now; the next sign-in there binds anew.")
        % {"name": user.username})  # fmt: skip
    return 0


def user_invite(args: argparse.Namespace) -> int:
    """Print a new invitation."""
    ready.need()
    token = write(lambda w: accounts.invite(w, args.username), actor=OPERATOR)
    say(_("Set a password here, once: %(url)s") % {"url": invitation_url(token)})
    return 0


def user_posts(args: argparse.Namespace) -> int:
    """Say which posts somebody holds: those that are not named end."""
    ready.need()
    user = write(lambda w: actions.set_posts(w, args.username, args.posts), actor=OPERATOR)
    say(f"{user.username}\t{user.posts}")
    return 0


def user_list(args: argparse.Namespace) -> int:
    """List people with their roles."""
    ready.need()
    for user in User.objects.order_by("username"):
        roles = Membership.objects.filter(user=user, until__isnull=True)
        held = joined(
            f"{m.role}@{m.unit.code if m.unit else m.group.code if m.group else ''}"
            for m in roles.select_related("unit", "group")
        )
        locked = "" if user.active else _("locked")
        say("\t".join([user.username, user.name, held, user.posts.replace(" ", "、"), locked]))
    return 0


def token_create(args: argparse.Namespace) -> int:
    """Print a new token."""
    ready.need()
    made, secret = write(
        lambda w: accounts.make_token(
            w, args.username, name=args.name, scopes=args.scope, days=args.days
        ),
        actor=OPERATOR,
    )
    say(f"{made.ref}\t{secret}")
    return 0


def token_list(args: argparse.Namespace) -> int:
    """List somebody's tokens, without themselves: they are kept nowhere."""
    ready.need()
    for token in tokens_of(actions.find_user(args.username).ref):
        until = token.revoked_at or token.expires_at
        state = _("revoked") if token.revoked_at else ""
        say("\t".join([token.ref, token.name, token.scopes, f"{until:%Y-%m-%d}", state]))
    return 0


def token_revoke(args: argparse.Namespace) -> int:
    """Revoke a token."""
    ready.need()
    token = write(lambda w: accounts.revoke_token(w, args.ref), actor=OPERATOR)
    say(f"{token.ref} {token.name}")
    return 0
