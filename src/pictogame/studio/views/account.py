"""A creator's account: what it holds, and how it ends. The rest is allauth's, on pages of ours."""

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from pictogame.accounts.forms import Leave
from pictogame.games import ownership, several
from pictogame.studio.desk import creator_of, private


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The e-mail address, and what may be done."""
    creator = creator_of(request)
    if creator is None:
        return private(redirect_to_login(request.get_full_path()))
    return private(render(request, "account/account.html", {"games": several.games_of(creator).count()}))


@sensitive_post_parameters("password")
@csrf_protect
def delete(request: HttpRequest) -> HttpResponse:
    """Asks what becomes of the games and for the password, then deletes the account."""
    creator = creator_of(request)
    if creator is None:
        return private(redirect_to_login(request.get_full_path()))
    games = several.games_of(creator).count()
    form = Leave(request.POST if request.method == "POST" else None, user=creator, has_games=games > 0)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return private(render(request, "account/delete.html", {"form": form, "games": games}, status=status))
    gone = form.cleaned_data.get("games") == "go"
    count = ownership.leave(owner=creator, games_go=gone)
    logout(request)
    return private(render(request, "account/deleted.html", {"count": count, "gone": gone}))
