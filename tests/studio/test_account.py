"""Accounts of creators: made by a letter, guarded against guesses, gone when their owner says so."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.studio.people import PASSWORD, Person, link_in_letter

from pictogame.accounts import actions
from pictogame.accounts.errors import BadName
from pictogame.accounts.models import Guess, Limit, NewAddress, User

pytestmark = pytest.mark.django_db

OFFICE = "correct horse battery"


@pytest.fixture
def anna(db: None) -> User:
    """An operator."""
    return actions.add_operator(name="anna", password=OFFICE)


def _said(page: str) -> str:
    """What a page says, without the tokens of its forms."""
    return re.sub(r"csrfmiddlewaretoken\" value=\"\w+|X-CSRFToken\":\"\w+", "", page)


def _forget_limits() -> None:
    Limit.objects.all().delete()
    Guess.objects.all().delete()


def test_an_account_is_made_by_the_link_in_the_letter(runtime: object) -> None:
    mia = Person("mia@example.org")
    assert mia.asks_for_an_account()["Location"] == "/account/confirm-email/"
    assert not mia.is_in
    link = link_in_letter(to="mia@example.org")
    assert "Is this your address?" in mia.client.get(link).content.decode()
    # Looking is not confirming: programs look at links in letters.
    assert not mia.is_in
    assert mia.client.post(link)["Location"] == "/mine/"
    assert mia.is_in


def test_whoever_opens_the_link_elsewhere_still_needs_the_password(runtime: object) -> None:
    mia, other = Person("mia@example.org"), Person("mia@example.org")
    mia.asks_for_an_account()
    other.client.post(link_in_letter(to=mia.email))
    assert not other.is_in
    assert other.signs_in()["Location"] == "/mine/"
    assert other.is_in


def test_without_the_link_the_password_opens_nothing(runtime: object) -> None:
    mia = Person("mia@example.org")
    mia.asks_for_an_account()
    assert mia.signs_in()["Location"] == "/account/confirm-email/"
    assert not mia.is_in


def test_nobody_learns_whether_an_address_has_an_account(mia: Person) -> None:
    _forget_limits()
    stranger, known = Person("new@example.org"), Person("mia@example.org")
    answers = [(one.asks_for_an_account(), one.client.get("/account/confirm-email/")) for one in (stranger, known)]
    (new, new_page), (old, old_page) = answers
    assert (new.status_code, new["Location"], set(new.cookies)) == (old.status_code, old["Location"], set(old.cookies))
    assert _said(new_page.content.decode()) == _said(old_page.content.decode())
    assert "has one already" in str(mail.outbox[-1].body)

    asked = [
        Client().post("/account/password/reset/", {"email": address})["Location"]
        for address in ("mia@example.org", "nobody@example.org")
    ]
    assert len(set(asked)) == 1

    wrong = [_said(Person(one.email).signs_in("wrong wrong wrong").content.decode()) for one in (known, stranger)]
    assert wrong[0].replace(known.email, "") == wrong[1].replace(stranger.email, "")


class Counted(MD5PasswordHasher):
    """Counts what it hashes: by the real hashes, that is nearly all the time that a sign-up takes."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        Counted.hashed += 1
        return super().encode(password, salt)


def test_no_clock_tells_whether_an_address_has_an_account(mia: Person, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    took = []
    for address in ("new@example.org", mia.email):
        Counted.hashed = 0
        Person(address).asks_for_an_account()
        took.append(Counted.hashed)
    assert took == [1, 1]


def test_an_address_that_is_too_long_is_refused_before_a_database_does_so(runtime: object) -> None:
    long = "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".org"
    assert "254 characters at most" in Person(long).asks_for_an_account().content.decode()
    assert not User.objects.exists()


def test_another_account_with_the_same_address_is_not_made(mia: Person) -> None:
    Person("MIA@example.org").asks_for_an_account("another password of hers")
    assert User.objects.filter(email__iexact="mia@example.org").count() == 1
    assert Person("mia@example.org").signs_in()["Location"] == "/mine/"


def test_after_a_handful_of_wrong_passwords_the_right_one_waits_too(mia: Person) -> None:
    # From another address each time: it is the account that is guarded, in the database.
    for number in range(6):
        Person(mia.email, address=f"198.51.100.{number}").signs_in("wrong wrong wrong")
    late = Person(mia.email)
    assert late.signs_in().status_code == 200
    assert not late.is_in
    Limit.objects.all().delete()
    Guess.objects.update(shut_until=timezone.now() + timedelta(minutes=5))
    late.signs_in()
    assert not late.is_in
    Guess.objects.update(shut_until=F("shut_until") - timedelta(days=1))
    late.signs_in()
    assert late.is_in


def test_limits_hold_for_all_processes_and_write_down_no_address(mia: Person) -> None:
    for number in range(25):
        answer = Person(f"one{number}@example.org").asks_for_an_account()
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.content.decode()
    assert "203.0.113.7" not in "".join(Limit.objects.values_list("cache_key", flat=True))
    assert Person("other@example.org", address="198.51.100.1").asks_for_an_account().status_code == 302


def test_a_visitor_cannot_choose_the_address_that_is_counted(runtime: object) -> None:
    for number in range(22):
        answer = Client(REMOTE_ADDR="203.0.113.7").post(
            "/account/sign-up/",
            {"email": f"one{number}@example.org", "password1": PASSWORD},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )
    assert answer.status_code == 429


def test_a_session_from_before_opens_nothing_after_signing_in(mia: Person) -> None:
    mia.client.post("/account/sign-out/")
    # The victim's browser holds a session that the thief knows.
    thief = Person(mia.email)
    thief.asks_for_an_account("a password of the thief's")
    planted = thief.client.cookies["creator"].value
    victim = Person(mia.email)
    victim.client.cookies["creator"] = planted
    victim.signs_in()
    assert victim.is_in
    assert victim.client.cookies["creator"].value != planted
    assert not thief.is_in


def test_a_form_of_another_site_signs_nobody_in_or_out(mia: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/sign-in/", {"login": mia.email, "password": PASSWORD}).status_code == 403
    strict.cookies = mia.client.cookies
    for address in ("/account/sign-out/", "/account/delete/", "/account/email/", "/account/password/change/"):
        assert strict.post(address, {"password": PASSWORD}).status_code == 403, address
    assert mia.is_in


def test_the_cookie_is_for_signing_in_alone_and_for_no_script(mia: Person) -> None:
    cookie = mia.client.cookies["creator"]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/", "Lax", True)
    assert cookie["max-age"] == 60 * 24 * 3600
    visitor = Client()
    for address in ("/", "/mine/", "/account/sign-in/", "/account/sign-up/", "/account/password/reset/", "/account/"):
        visitor.get(address)
    assert set(visitor.cookies) <= {"csrftoken"}


def test_a_creator_never_enters_the_office(mia: Person) -> None:
    for cookies in ({}, {"office": mia.client.cookies["creator"].value}):
        mia.client.cookies.load(cookies)
        answer = mia.client.get("/office/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/office/login/")
    user = User.objects.get(email=mia.email)
    for name in (mia.email, user.username):
        office = Client()
        given = {"username": name, "password": PASSWORD, "next": "/office/"}
        assert office.post("/office/login/?next=/office/", given).status_code == 200
        assert "office" not in office.cookies


def test_no_account_is_both_a_creators_and_an_operators(mia: Person, anna: User) -> None:
    user = User.objects.get(email=mia.email)
    with pytest.raises(BadName):
        actions.add_operator(name=user.username, password=OFFICE)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_staff=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=anna.pk).update(email="anna@example.org")


def test_an_operator_does_not_come_in_by_the_creators_door(anna: User, runtime: object) -> None:
    for name in ("anna", "anna@example.org"):
        stranger = Person(name)
        stranger.signs_in(OFFICE)
        assert not stranger.is_in
    # And guesses there count against nobody's name in the office.
    for _ in range(8):
        Person("anna@example.org").signs_in("wrong wrong wrong")
    given = {"username": "anna", "password": OFFICE, "next": "/office/"}
    assert Client().post("/office/login/?next=/office/", given).status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_letter_and_throws_everybody_else_out(mia: Person) -> None:
    forgetful = Person(mia.email)
    forgetful.client.post("/account/password/reset/", {"email": mia.email})
    link = link_in_letter(to=mia.email)
    form = forgetful.client.get(link)["Location"]
    assert "set-password" in form
    new = "another four words of hers"
    forgetful.client.post(form, {"password1": new, "password2": new})
    assert forgetful.is_in
    assert not mia.is_in
    assert "has done its work" in Client().get(link).content.decode()
    assert "by a link that came to this address" in str(mail.outbox[-1].body)
    _forget_limits()
    assert Person(mia.email).signs_in().status_code == 200
    assert Person(mia.email).signs_in(new)["Location"] == "/mine/"


def test_an_account_that_somebody_else_began_is_whose_the_address_is(runtime: object) -> None:
    thief, mia = Person("mia@example.org", address="198.51.100.9"), Person("mia@example.org")
    thief.asks_for_an_account("a password of the thief's")
    mia.client.post("/account/password/reset/", {"email": mia.email})
    form = mia.client.get(link_in_letter(to=mia.email))["Location"]
    mia.client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    # The letter has shown whose address it is: no second one is needed.
    assert mia.is_in
    # The thief's browser waited for somebody to confirm it.
    for address in ("/account/confirm-email/", "/account/sign-in/", "/account/sign-up/", "/mine/"):
        thief.client.get(address)
        thief.client.post(address, {})
        assert not thief.is_in, address
    thief.signs_in("a password of the thief's")
    assert not thief.is_in


def test_a_letter_leads_to_the_site_whatever_name_it_was_asked_for_by(mia: Person) -> None:
    Client().post("/account/password/reset/", {"email": mia.email}, headers={"Host": "127.0.0.1"})
    assert "http://localhost:8000/account/password/reset/key/" in str(mail.outbox[-1].body)
    assert "127.0.0.1" not in str(mail.outbox[-1].body)


def test_another_password_signs_other_devices_out(mia: Person) -> None:
    other = Person(mia.email)
    other.signs_in()
    new = "another four words of hers"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert mia.client.post("/account/password/change/", given)["Location"] == "/account/"
    assert "Your password is changed." in mia.client.get("/account/").content.decode()
    assert mia.is_in
    assert not other.is_in


def test_guesses_at_the_password_of_now_are_counted_as_those_at_the_door(mia: Person) -> None:
    new = "another four words of hers"
    for password in (*["wrong wrong wrong"] * 5, PASSWORD):
        Limit.objects.all().delete()
        given = {"oldpassword": password, "password1": new, "password2": new}
        answer = mia.client.post("/account/password/change/", given)
    # The right one as well: it is too soon.
    assert "That is not your password." in answer.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_another_address_wants_the_password_and_the_letter(mia: Person) -> None:
    def asks(password: str) -> str:
        given = {"email": "mia@example.net", "password": password, "action_add": ""}
        return mia.client.post("/account/email/", given, follow=True).content.decode()

    assert "That is not your password." in asks("wrong wrong wrong")
    assert [letter.to for letter in mail.outbox if "net" in letter.to[0]] == []
    assert "Open the link in it" in asks(PASSWORD)
    assert User.objects.get().email == "mia@example.org"
    mia.client.post(link_in_letter(to="mia@example.net"))
    assert User.objects.get().email == "mia@example.net"
    # Whoever had the account before is told.
    assert [letter.to for letter in mail.outbox if "another address" in letter.subject] == [["mia@example.org"]]


def test_an_address_that_waits_to_be_confirmed_opens_nothing(mia: Person) -> None:
    given = {"email": "typo@example.net", "password": PASSWORD, "action_add": ""}
    mia.client.post("/account/email/", given)
    mail.outbox.clear()
    Client().post("/account/password/reset/", {"email": "typo@example.net"})
    assert [letter.subject for letter in mail.outbox] == ["No account with this address"]
    Client().post("/account/password/reset/", {"email": "MIA@example.org"})
    assert mail.outbox[-1].subject == "Choose a new password"


def test_a_new_address_that_nobody_confirmed_in_time_is_free_again(mia: Person) -> None:
    def asks(address: str) -> None:
        _forget_limits()
        mia.client.post("/account/email/", {"email": address, "password": PASSWORD, "action_add": ""})

    def days_pass(days: float) -> None:
        NewAddress.objects.update(until=F("until") - timedelta(days=days))
        actions.forget_old()

    def letter_to(person: Person) -> str:
        mail.outbox.clear()
        _forget_limits()
        person.asks_for_an_account()
        return str(mail.outbox[-1].subject)

    zoe = Person("zoe@example.net")
    asks(zoe.email)
    days_pass(3)
    assert letter_to(zoe) == "You have an account already"
    days_pass(1)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [mia.email]
    assert not NewAddress.objects.exists()
    assert letter_to(zoe) == "Your account: is this your address?"
    zoe.client.post(link_in_letter(to=zoe.email))
    assert zoe.is_in
    # An address that was confirmed stays, and so does the first one of who is new.
    asks("mia@example.net")
    mia.client.post(link_in_letter(to="mia@example.net"))
    Person("new@example.org").asks_for_an_account()
    days_pass(5)
    assert set(User.objects.values_list("email", flat=True)) == {"mia@example.net", zoe.email, "new@example.org"}
    assert set(EmailAddress.objects.filter(verified=True).values_list("email", flat=True)) == {
        "mia@example.net",
        zoe.email,
    }
    assert EmailAddress.objects.filter(email="new@example.org").exists()


def test_another_letter_lets_the_address_wait_longer(mia: Person) -> None:
    mia.client.post("/account/email/", {"email": "late@example.net", "password": PASSWORD, "action_add": ""})
    NewAddress.objects.update(until=F("until") - timedelta(days=3))
    _forget_limits()
    mia.client.post("/account/email/", {"email": "late@example.net", "action_send": ""})
    NewAddress.objects.update(until=F("until") - timedelta(days=2))
    actions.forget_old()
    mia.client.post(link_in_letter(to="late@example.net"))
    assert User.objects.get().email == "late@example.net"


def test_nothing_about_the_person_is_kept_but_the_address(mia: Person) -> None:
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("mia@example.org", "", "")
    assert "mia" not in user.username
    assert "is all that is known of you" in mia.client.get("/account/").content.decode()
    Person(mia.email).signs_in()
    kept = " ".join(str(one.get_decoded()) for one in Session.objects.all())
    assert "203.0.113.7" not in kept
    assert mia.email not in kept


def test_a_mail_server_that_takes_nothing_is_told_and_loses_nothing(mia: Person, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "localhost"
    settings.EMAIL_PORT = 9
    new = Person("new@example.org")
    answer = new.asks_for_an_account()
    assert answer.status_code == 503
    assert "The letter could not be sent just now" in answer.content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    _forget_limits()
    new.signs_in()
    new.client.post(link_in_letter(to=new.email))
    assert new.is_in


def test_where_accounts_are_shut_nobody_makes_one_and_those_that_are_there_go_on(
    mia: Person, settings: Settings
) -> None:
    settings.ACCOUNTS_OPEN = False
    new = Person("new@example.org")
    assert "No new accounts here" in new.asks_for_an_account().content.decode()
    assert not User.objects.filter(email=new.email).exists()
    assert "Sign in" not in new.client.get("/").content.decode()
    assert Person(mia.email).signs_in()["Location"] == "/mine/"


def test_what_nobody_confirmed_and_what_is_over_is_forgotten(mia: Person) -> None:
    Person("typo@example.org").asks_for_an_account()
    assert actions.forget_old() == 0
    week = timedelta(days=8)
    User.objects.update(date_joined=F("date_joined") - week)
    Session.objects.update(expire_date=F("expire_date") - timedelta(days=61))
    Limit.objects.update(expires=F("expires") - week)
    assert actions.forget_old() > 0
    assert list(User.objects.values_list("email", flat=True)) == [mia.email]
    assert not Session.objects.exists()
    assert not Limit.objects.exists()
    assert not mia.is_in


def test_pages_of_accounts_keep_the_policy_of_the_house(mia: Person) -> None:
    for client, address in (
        (Client(), "/account/sign-in/"),
        (Client(), "/account/sign-up/"),
        (mia.client, "/account/"),
        (mia.client, "/account/delete/"),
        (mia.client, "/mine/"),
    ):
        answer = client.get(address)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"], address
        page = answer.content.decode()
        assert " style=" not in page
        assert "<script>" not in page


def test_the_sign_in_leads_to_no_other_site(mia: Person) -> None:
    for evil in (
        "//evil.example/",
        "https://evil.example/",
        "http://localhost/",
        "http://127.0.0.1/",
        "javascript:alert(1)",
    ):
        other = Person(mia.email)
        given = {"login": mia.email, "password": PASSWORD, "next": evil}
        assert other.client.post("/account/sign-in/", given)["Location"] == "/mine/"


def test_an_operator_who_was_added_before_keeps_the_name_and_has_no_address() -> None:
    user = User.objects.create(username="old", password=make_password(OFFICE), is_staff=True, is_superuser=True)
    assert not user.is_creator
    assert user.email == ""
