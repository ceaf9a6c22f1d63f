"""Files are read as they are, though the same text is parsed once."""

from mwt.support.files import read_yaml


def test_what_was_read_from_yaml_can_be_changed_and_a_changed_file_is_read_anew(tmp_path):
    file = tmp_path / "some.yaml"
    file.write_text("seeds: [0, 1]")
    read_yaml(file)["seeds"].append(2)
    assert read_yaml(file) == {"seeds": [0, 1]}
    file.write_text("seeds: [0, 3]")
    assert read_yaml(file) == {"seeds": [0, 3]}
