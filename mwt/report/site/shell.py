"""Commands break between options, never within one: ``-p threshold 0.7`` stays together."""

import html
import re
from typing import Any

from sphinx.application import Sphinx

CODE = re.compile(
    r'(<div class="highlight-(?:bash|text) notranslate"><div class="highlight"><pre>'
    r"(?:<span></span>)?|<code(?: [^>]*)?>)(.*?)(</pre>|</code>)",
    re.DOTALL,
)
# A space, which Pygments may have marked; what it has marked otherwise; a quotation; other text.
PIECE = re.compile(
    r"""(<span class="w">\s+</span>|\s+)|<span[^>]*>.*?</span>"""
    r"""|"[^"<]*"|'[^'<]*'|&quot;.*?&quot;|&\#x27;.*?&\#x27;|(?:(?!&quot;|&\#x27;)[^<\s"'])+|["']""",
    re.DOTALL,
)
COMMENT = '<span class="c1">'
OPTION = re.compile(r"--?[a-z][\w-]*$|>$")
VALUES = {"-p": 2}  # papermill's: a name and a value; other options have one


def unbroken(code: str) -> str:
    """Return the HTML of a command or several, with each option and its values as one.

    The text stays what it is, so that a copy is the command.
    """
    parts: list[str] = []
    words: list[str] = []  # since the last space

    def end() -> None:
        if words:
            parts.append("".join(words))
            words.clear()

    for piece in PIECE.finditer(code):
        if piece[1]:
            end()
            parts.append(piece[0])
        else:
            words.append(piece[0])
    end()
    return "".join(grouped(parts))


def grouped(parts: list[str]) -> list[str]:
    """Return words and spaces in turn, those of an option in one."""
    found: list[str] = []
    left = 0  # values that the option at the end of what was found still takes
    for part in parts:
        text = html.unescape(re.sub(r"<[^>]*>", "", part))
        if not text.strip():
            left = 0 if "\n" in text else left
            found.append(part)
        elif left and not (OPTION.match(text) or part.startswith(COMMENT) or text in ("&&", "|")):
            space = found.pop()
            found[-1] += space + part
            left -= not text.isdigit()  # more numbers may follow one
        else:
            found.append(part)
            left = VALUES.get(text, 1) if OPTION.match(text) else 0
    return [
        one if one.startswith(COMMENT) or not one.strip() or is_space(one) else kept(one)
        for one in found
    ]


def hanging(code: str) -> str:
    """Return a block of commands, each of which hangs where it wraps.

    A block in which Pygments marked something over several lines stays as it is.
    """
    lines = code.splitlines(keepends=True)
    if any(line.count("<span") != line.count("</span>") for line in lines):
        return code
    return "".join(f'<span class="mwt-line">{line}</span>' for line in lines)


def is_space(part: str) -> bool:
    """Whether a part is a space."""
    return not re.sub(r"<[^>]*>", "", part).strip()


def kept(part: str) -> str:
    """Return a part that breaks only where it is wider than a line."""
    return f'<span class="mwt-unit">{part}</span>'


def keep_options(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Keep options together in all code of a page that has some."""
    if "body" in context:
        context["body"] = CODE.sub(
            lambda code: code[1] + laid_out(code[1], code[2]) + code[3],
            context["body"],
        )


def laid_out(begin: str, code: str) -> str:
    """Return the HTML of code with its options kept together; a block's lines hang."""
    code = unbroken(code) if has_option(code) else code
    return hanging(code) if begin.startswith("<div") else code


def has_option(code: str) -> bool:
    """Whether some code is a command with an option."""
    return bool(re.search(r"(?:^|\s)--?[a-z]", html.unescape(re.sub(r"<[^>]*>", "", code))))


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, once a page is written."""
    app.connect("html-page-context", keep_options)
