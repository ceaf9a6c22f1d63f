"""A notebook that is kept shows no progress bar of work that is done."""

import nbformat
from nbclient import NotebookClient

WORK = """
import time
from mwt.support.progress import progress
for _ in progress("work", range(3)):
    time.sleep(0.7)
"""
SEEN = """
shown = []
publish = get_ipython().display_pub.publish
def spy(data, **more):
    shown.append(data.get("text/plain", ""))
    publish(data, **more)
get_ipython().display_pub.publish = spy
"""


def test_a_bar_is_seen_while_work_goes_on_and_gone_afterwards():
    cells = [nbformat.v4.new_code_cell(source) for source in (SEEN, WORK, "print(shown)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    assert "work:" in notebook.cells[2].outputs[0].text
    assert "work" not in str(notebook.cells[1].outputs)
