"""What a modular training from trained weights saves, from `benchmarks/trained_weights.py`."""

import pandas as pd
from IPython.display import HTML

from ...results.names import display_name
from .base import html_table

NEAR = 0.01  # below the standard network's accuracy: what counts as having it back
NOTHING, TRAINED = "nothing", "trained weights"


def epochs_to_accuracy(run: pd.DataFrame) -> float:
    """Return after how many epochs a training is near the standard network; not a number: never."""
    near = run["epoch"][run["accuracy"] >= run["standard"] - NEAR]
    return float(near.min())


def starts(rows: pd.DataFrame) -> HTML:
    """Return a line for each network and start: epochs to its accuracy, and what came out."""
    lines = []
    for (network, start), run in rows.groupby(["network", "start"], sort=False):
        last = run.iloc[-1]
        lines.append(
            {
                "network": display_name(str(network)),
                "from": start,
                f"epochs to standard − {NEAR}": epochs_to_accuracy(run),
                "accuracy": last["accuracy"],
                "KRR": last["kernel_retention_rate"],
                "coupling": last["coupling"],
            }
        )
    frame = pd.DataFrame(lines).set_index("network")
    epochs, standard = int(rows["epoch"].max()), rows.groupby("network", sort=False)["standard"]
    accuracies = ", ".join(f"{display_name(n)} {v:.3f}" for n, v in standard.first().items())
    caption = (
        f"Modular trainings of {epochs} epochs, one run each. Epochs to standard − {NEAR}: after "
        "how many epochs validation accuracy is at most so far below the standard network's "
        f"({accuracies}); a dash where it never is. Then, after the last epoch: validation "
        "accuracy, and the modules of single classes at threshold 0.9."
    )
    three = dict.fromkeys(("accuracy", "KRR", "coupling"), "{:.3f}".format)
    return html_table(frame, caption, {frame.columns[1]: "{:.0f}".format} | three, kind="mwt-named")


def sentences(rows: pd.DataFrame) -> list[str]:
    """Say what trained weights save, and how modular the networks become from each start."""
    runs = dict(iter(rows.groupby(["network", "start"], sort=False)))
    networks = list(rows["network"].unique())
    saved, less = 0, 0
    parts = []
    for network in networks:
        usual, ours = (epochs_to_accuracy(runs[network, start]) for start in (NOTHING, TRAINED))
        saved += ours < usual or (ours == ours and usual != usual)
        parts.append(f"{display_name(network)} {counted(ours)} in place of {counted(usual)}")
        last = [runs[network, start].iloc[-1]["coupling"] for start in (NOTHING, TRAINED)]
        less += last[1] > last[0]
    return [
        f"Trained weights save epochs of accuracy on {saved} of {len(networks)} networks. Epochs "
        f"to the standard network's accuracy: {'; '.join(parts)}.",
        "Modularity is another matter: after the same number of epochs, coupling is higher from "
        f"trained weights than from nothing on {less} of {len(networks)} networks.",
    ]


def counted(epochs: float) -> str:
    """Return a number of epochs as text."""
    return f"{epochs:.0f}" if epochs == epochs else "never"
