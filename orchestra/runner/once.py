"""A runner for one request: its input ends with it, and the reply is wanted all the same."""

import os

from orchestra.runner import wire
from orchestra.runner.main import Runner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orchestra.runner.main import Child


class Once(Runner):
    """Ends when its input has ended and nothing is under way."""

    ended = False

    def _listen(self) -> "None":
        data = os.read(self.inlet, wire.CHUNK)
        for kind, number, raw, body in self.reader.feed(data):
            self._take(kind, number, raw, body)
        if not data:
            self.ended = True
            self.poll.unregister(self.inlet)
            self._leave()

    def _leave(self) -> "None":
        if self.ended and not self.waiting and not any(child.job for child in self.children.values()):
            self._hang_up()

    def _relay(self, child: "Child") -> "None":
        super()._relay(child)
        if self.ended:
            child.refuse()  # nobody is there who could send it
        self._leave()

    def _hang_up(self) -> "None":
        if self.ended and not self.closing:
            self.poll.register(self.inlet)  # it is taken out there
        super()._hang_up()
