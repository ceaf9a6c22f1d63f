"""Seconds that mean something on a busy machine."""

import time

import torch

BEGAN = time.perf_counter()  # `import mwt` leads here, which is how a notebook begins


class Stopwatch:
    """Measures the time that a device works, and the wall-clock time.

    On a CPU the first is the CPU time of this process, of all its threads together: other programs
    on the machine do not lengthen it. On CUDA it is the device's own time.

    Parameters
    ----------
    device
        Where the work is done.
    busy, wall
        Seconds that an earlier part of the work took.
    """

    def __init__(self, device: torch.device, busy: float = 0.0, wall: float = 0.0) -> None:
        self.device = device
        self.before = busy, wall
        self.begin()

    def begin(self) -> None:
        """Start to count from here on."""
        self.event = self.marked() if self.device.type == "cuda" else None
        self.busy_at, self.wall_at = time.process_time(), time.perf_counter()
        self.counting = True

    def marked(self) -> torch.cuda.Event:
        """Return an event of the device that has been put into its queue."""
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self.device))
        return event

    def read(self) -> tuple[float, float]:
        """Return the busy and the wall seconds so far, once the device has done what it was told.

        Returns
        -------
        busy, wall
            Seconds, those of earlier parts included.
        """
        if not self.counting:
            return self.before
        if self.event is not None:
            now = self.marked()
            now.synchronize()
            busy = self.event.elapsed_time(now) / 1000
        else:
            busy = time.process_time() - self.busy_at
        return self.before[0] + busy, self.before[1] + time.perf_counter() - self.wall_at

    def pause(self) -> None:
        """Keep what was measured and stop counting until `begin`."""
        self.before = self.read()
        self.counting = False


def spent(seconds: float) -> str:
    """Return how long something took in words, such as ``2 h 13 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
