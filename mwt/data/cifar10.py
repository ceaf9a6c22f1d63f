"""What is known of CIFAR-10's official files."""

from .cifar import Release

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
OFFICIAL = Release(
    name="CIFAR-10",
    address="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    archive_md5="c32a1d4ab5d03f1284b67883e8d87530",
    binary="cifar-10-batches-bin",
    pickled="cifar-10-batches-py",
    files={
        "train": {f"data_batch_{number}": 10_000 for number in range(1, 6)},
        "test": {"test_batch": 10_000},
    },
    labels={"labels": 10},
    digests={
        "train": "72083841cd0fa633f09b24c0833cf6d6a1809caff400317117334e0aa6b0ed46",
        "test": "f1bbb931260cda782c84c1948c82d910e2c193cb1d56756293f445027090946b",
    },
)
