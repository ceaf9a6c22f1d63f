"""The check of the dark theme, which measures some texts only, misses none that looks different."""

import pytest
from readable import CONTRAST, KINDS, violations

PAGE = "<body style='background: #111; color: #eee'>{0}{1}{0}</body>"
ALIKE = "<div style='background: #222'><p>as all the others</p></div>" * 20


@pytest.mark.parametrize(
    "other",
    [
        "<p style='color: #444'>dark on dark</p>",
        "<div style='background: #ddd'><p>light on light</p></div>",
        "<input style='background: #111; color: #333' value='to be changed'>",
    ],
)
def test_one_text_among_many_is_found(page, other):
    page.set_content(PAGE.format(ALIKE, ""))
    assert violations(page, KINDS, **CONTRAST) == []
    page.set_content(PAGE.format(ALIKE, other))
    [(rule, elements)] = violations(page, KINDS, **CONTRAST)
    assert rule == "color-contrast"
    assert len(elements) == 1
