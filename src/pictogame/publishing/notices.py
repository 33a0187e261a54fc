"""What stands at a game's addresses when it does not play: while it rests, and once it is gone. Pure."""

import base64
import hashlib
import json
from html import escape
from types import MappingProxyType

RIGHT_TO_LEFT = frozenset({"ar"})

_RESTS = MappingProxyType(
    {
        "en": ("This game is taking a rest", "The person who made it has put it away for now. It may come back."),
        "de": ("Dieses Spiel macht Pause", "Wer es gemacht hat, hat es vorerst weggelegt. Vielleicht kommt es wieder."),
        "fr": ("Ce jeu fait une pause", "La personne qui l'a créé l'a rangé pour l'instant. Il reviendra peut-être."),
        "es": ("Este juego está descansando", "Quien lo hizo lo ha guardado por ahora. Puede que vuelva."),
        "ar": ("هذه اللعبة في استراحة", "وضعها صانعها جانبًا في الوقت الحالي، وقد تعود."),
    }
)
_GONE = ("This game is gone", "The person who made it has taken it away for good.")

# No colour is named twice: ink on paper, in light and in dark.
_STYLE = (
    ":root{color-scheme:light dark;--paper:#FFF9F0;--card:#FFF;--ink:#231942;--muted:#5E5578;--line:#E6DCCB}"
    "@media(prefers-color-scheme:dark){:root{--paper:#17122B;--card:#221B3D;--ink:#F7F1E8;--muted:#B9AFD3;--line:#3B3260}}"
    "*{box-sizing:border-box}html,body{height:100%;margin:0}"
    "body{display:grid;place-items:center;padding:12px;background:var(--paper);color:var(--ink);"
    "font:1rem/1.55 system-ui,sans-serif;text-align:center}"
    "main{max-width:26rem;padding:24px 20px;background:var(--card);border:1px solid var(--line);border-radius:10px;"
    "box-shadow:0 1px 2px #23194214,0 8px 24px #23194214}"
    "h1{margin:0 0 4px;font-size:1.25rem;line-height:1.2}p{margin:0;color:var(--muted)}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def resting_page(language: str) -> bytes:
    """The page of a game that was unpublished, in the game's language."""
    known = language if language in _RESTS else "en"
    return _page(known, *_RESTS[known])


def gone_page() -> bytes:
    """The page of a game that was deleted: the same for every game, and nothing of the game in it."""
    return _page("en", *_GONE)


def resting_xml(game_id: str) -> bytes:
    """What stands for game.xml meanwhile: no game, so that nothing is played from an old copy of the loader."""
    rest = f'<rest xmlns="urn:pictogame:game:1" id="{escape(game_id)}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{rest}\n'.encode()


def resting_oembed(language: str) -> bytes:
    """An oEmbed answer that embeds nothing."""
    title = _RESTS[language if language in _RESTS else "en"][0]
    answer = {"version": "1.0", "type": "link", "title": title, "provider_name": "Pictogame", "cache_age": 60}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _page(language: str, title: str, sentence: str) -> bytes:
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{language}"{direction}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(sentence)}</p></main></body>\n</html>\n"
    ).encode()
