"""What is known of CIFAR-100's official files."""

from .cifar import Release

# In the order of their labels, as the file fine_label_names.txt beside them has them.
NAMES = """
        apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly     camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach
    couch crab crocodile     cup dinosaur dolphin elephant flatfish forest fox girl hamster
    house kangaroo keyboard lamp     lawn_mower leopard lion lizard lobster man maple_tree
    motorcycle mountain mouse mushroom oak_tree     orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum     rabbit raccoon ray road rocket
    rose sea seal shark shrew skunk skyscraper snail snake spider     squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train     trout tulip
    turtle wardrobe whale willow_tree wolf woman worm
"""
CLASSES = tuple(name.replace("_", " ") for name in NAMES.split())
OFFICIAL = Release(
    name="CIFAR-100",
    address="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
    archive_md5="03b5dce01913d631647c71ecec9e9cb8",
    binary="cifar-100-binary",
    pickled="cifar-100-python",
    files={"train": {"train": 50_000}, "test": {"test": 10_000}},
    labels={"coarse_labels": 20, "fine_labels": 100},
    digests=None,  # the files were not at hand
)
