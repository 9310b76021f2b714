"""Why a file could not be opened as a notice."""

from supervisor.words import Sentence


class IntakeError(Exception):
    """A file that is no readable notice.

    Attributes:
        code: empty, too_large, too_long, unknown_type, or a key of `containers._REFUSALS`.
        message: English msgid with %(name)s parts.
        params: what fills the parts.
    """

    def __init__(self, code: str, sentence: Sentence) -> None:
        super().__init__(str(sentence.msgid % dict(sentence.params)))
        self.code = code
        self.message = sentence.msgid
        self.params: dict[str, str | int] = {
            key: value if isinstance(value, int) else str(value) for key, value in sentence.params.items()
        }
