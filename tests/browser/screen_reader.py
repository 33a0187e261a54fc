"""What assistive technology is told of one frame: roles, names and states, and nothing else of the page."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Error, Frame, Page


@dataclass(frozen=True)
class Heard:
    """One thing of the accessibility tree, in reading order."""

    role: str
    name: str
    is_focused: bool
    is_selected: bool


class ScreenReader:
    """Reads the accessibility tree of a frame over the DevTools protocol, whatever the frame's origin or process."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self._session, self._frame_id = _session_of(page, frame)

    def heard(self) -> list[Heard]:
        """Everything that is told now; what is hidden from assistive technology is not among it."""
        which = {"frameId": self._frame_id} if self._frame_id else {}
        answer = self._session.send("Accessibility.getFullAXTree", which)
        nodes = {node["nodeId"]: node for node in answer["nodes"]}
        roots = [node for node in answer["nodes"] if node.get("parentId") not in nodes]
        found: list[Heard] = []
        waiting = list(reversed(roots))
        while waiting:
            node = waiting.pop()
            if not node["ignored"]:
                found.append(_heard(node))
            waiting.extend(nodes[child] for child in reversed(node.get("childIds", [])) if child in nodes)
        return found

    def focused(self) -> Heard | None:
        """What has the keyboard: the innermost, since a document says that it has it too."""
        return next((thing for thing in reversed(self.heard()) if thing.is_focused), None)

    def named(self, role: str) -> list[str]:
        """The names of all things of one role."""
        return [thing.name for thing in self.heard() if thing.role == role]


def _heard(node: dict[str, Any]) -> Heard:
    states = {state["name"]: state["value"].get("value") for state in node.get("properties", [])}
    return Heard(
        role=str(node.get("role", {}).get("value", "")),
        name=str(node.get("name", {}).get("value", "")),
        is_focused=states.get("focused") is True,
        is_selected=states.get("selected") is True,
    )


def _session_of(page: Page, frame: Frame) -> tuple[CDPSession, str]:
    """A session that reaches the frame, and the frame's id where the session reaches other frames as well."""
    try:
        return page.context.new_cdp_session(frame), ""
    except Error:
        # Frames that share their parent's process have no session of their own.
        session = page.context.new_cdp_session(page)
    waiting = [session.send("Page.getFrameTree")["frameTree"]]
    while waiting:
        tree = waiting.pop()
        if tree["frame"]["url"] + tree["frame"].get("urlFragment", "") == frame.url:
            return session, str(tree["frame"]["id"])
        waiting.extend(tree.get("childFrames", []))
    raise LookupError(f"No frame shows {frame.url}.")
