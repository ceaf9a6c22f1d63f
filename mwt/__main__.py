"""``python -m mwt modularize NETWORK DATA``: modules of a network of one's own, without code."""

from .report.own.command import main

if __name__ == "__main__":
    main()
