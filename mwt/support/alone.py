"""``python -m mwt.support.alone LOCK COMMAND ...``: a command that must not run twice at once.

The lock is the command's own and goes when it ends, however that is: one that was killed blocks
nobody. What the command starts does not hold it.
"""

import fcntl
import os
import sys
from pathlib import Path


def main(lock: str, *command: str) -> None:
    """Take the lock and become the command, or say that another process has it."""
    Path(lock).parent.mkdir(parents=True, exist_ok=True)
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another process runs this already (it holds {lock}): wait for it, or end it.")
    os.set_inheritable(held, True)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
