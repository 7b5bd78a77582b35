"""Dataset files are made from every kind of data, whole or not at all, and opened again."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from delea.errors import DatasetError, MalformedError, MissingError, StoreError, UsageError
from delea.importers.data import parse_rule
from delea.roles.datasets import Wish, beside, count_images, make_data, open_data, write_data


def made(source, **wish):
    out = source.with_suffix(".data")
    write_data(out, make_data(source, Wish(**wish)))
    return open_data(out)


def test_a_table_becomes_a_dataset_file(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n")
    dataset = made(tmp_path / "t.csv", targets=("kind",), rule=parse_rule("last 1"))
    assert dataset.inputs.tolist() == [[1, 2], [3, 4]]
    assert dataset.test_targets.tolist() == [0]
    file = (tmp_path / "t.data").read_bytes()
    assert file[:8] == bytes([2, 0, 0, 0, 1, 0, 0, 0])
    assert file[8:20] == np.array([1, 2], "<f4").tobytes() + bytes(4)


def test_whole_numbers_may_be_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,2\n3,7\n")
    assert made(tmp_path / "t.csv", targets=("y",)).field("targets") == ("i32", ())
    assert made(tmp_path / "t.csv", targets=("y",), numbers=True).field("targets") == ("f32", ())


def test_arrays_that_lie_together_become_one(tmp_path):
    x, y = np.arange(6, dtype=np.uint8).reshape(3, 2), np.array([0, 1, 1])
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])
    dataset = made(tmp_path / "d.npz", rule=parse_rule("last 2"))
    assert (len(dataset.inputs), len(dataset.test_inputs)) == (3, 1)  # its own test part
    assert dataset.field("inputs") == ("u8", (2,))
    np.savez(tmp_path / "e.npz", pixels=x, digit=y)
    assert len(made(tmp_path / "e.npz", inputs=("pixels",), targets=("digit",)).inputs) == 3


def test_half_a_test_part_is_refused(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.ones((2, 1)), y=np.ones(2), x_test=np.ones((2, 1)))
    with pytest.raises(DatasetError, match="go together"):
        made(tmp_path / "d.npz")


def test_arrays_that_are_not_there_are_told(tmp_path):
    np.savez(tmp_path / "d.npz", pixels=np.ones((2, 1)), y=np.ones(2))
    with pytest.raises(UsageError, match=r"\(--inputs, --targets\) expected among pixels, y"):
        made(tmp_path / "d.npz")


def test_two_arrays_become_one(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 3), np.float32))
    np.save(tmp_path / "y.npy", np.array([[0.5], [1.5]]))
    dataset = made(tmp_path / "x.npy", targets=("y.npy",))
    assert dataset.targets.tolist() == [[0.5], [1.5]]
    with pytest.raises(UsageError, match=r"one \.npy file of targets expected"):
        made(tmp_path / "x.npy")


def test_a_text_becomes_bytes(tmp_path):
    (tmp_path / "t.txt").write_text("hello, world")
    assert made(tmp_path / "t.txt", length=4, stride=3).inputs.tolist()[1] == list(b"lo, ")


def images(folder):
    for kind, color in (("cat", 1), ("dog", 2)):
        (folder / kind).mkdir(parents=True)
        for name in ("a", "b"):
            Image.new("L", (3, 2), color).save(folder / kind / f"{name}.png")
    return folder


def test_a_folder_of_images_becomes_a_dataset_file(tmp_path):
    folder = images(tmp_path / "pets")
    assert count_images(folder) == 4
    dataset = made(folder)
    assert dataset.inputs.shape == (4, 1, 2, 3)
    assert dataset.inputs[:, 0, 0, 0].tolist() == [1, 1, 2, 2]
    assert dataset.targets.tolist() == [0, 0, 1, 1]


def test_progress_is_told_image_by_image(tmp_path):
    told = []
    make_data(images(tmp_path / "pets"), Wish(), told.append)
    assert told == [1, 2, 3, 4]


def test_hidden_files_are_passed_over(tmp_path):
    folder = images(tmp_path / "pets")
    (folder / ".cache").mkdir()
    (folder / "cat" / ".directory").write_text("x")
    assert count_images(folder) == 4


def test_links_are_not_followed(tmp_path):
    folder = images(tmp_path / "pets")
    secret = tmp_path / "secret.png"
    secret.write_bytes((folder / "cat" / "a.png").read_bytes())
    (folder / "cat" / "c.png").symlink_to(secret)
    with pytest.raises(StoreError, match=r"got the link 'c\.png'"):
        made(folder)
    (folder / "cat" / "c.png").unlink()
    (folder / "bird").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(StoreError, match="got the link 'bird'"):
        made(folder)


def test_a_pipe_among_images_hangs_nobody(tmp_path):
    folder = images(tmp_path / "pets")
    os.mkfifo(folder / "cat" / "z.png")
    with pytest.raises(StoreError, match="a plain file expected"):
        made(folder)


def test_a_file_beside_the_folders_is_refused(tmp_path):
    folder = images(tmp_path / "pets")
    (folder / "readme.txt").write_text("x")
    with pytest.raises(StoreError, match="cannot read"):
        made(folder)


def test_another_kind_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"a \.npz, \.npy, \.csv, \.parquet or \.txt file"):
        made(tmp_path / "d.pkl")
    with pytest.raises(MissingError):
        made(tmp_path / "d.csv")


def test_a_failure_leaves_nothing_behind(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\nnan,1\n1,2\n")
    with pytest.raises(DatasetError):
        made(tmp_path / "t.csv", targets=("y",))
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_file_without_its_description_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,1\n1,2\n")
    made(tmp_path / "t.csv", targets=("y",))
    beside(tmp_path / "t.data").unlink()
    with pytest.raises(MissingError, match=r"no file at .*t\.data\.json"):
        open_data(tmp_path / "t.data")


def test_a_bomb_in_an_archive_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "d.npz", x=np.zeros((1 << 20, 4)), y=np.zeros(1 << 20))
    with pytest.raises(MalformedError, match="256 bytes for each packed one"):
        made(tmp_path / "d.npz")


def test_an_archive_of_objects_is_refused_unread(tmp_path):
    class Payload:
        def __reduce__(self):
            return (tmp_path / "was-run").touch, ()

    file = io.BytesIO()
    np.savez(file, x=np.array([Payload()], dtype=object), y=np.zeros(1))
    (tmp_path / "d.npz").write_bytes(file.getvalue())
    with pytest.raises(MalformedError, match="real numbers expected"):
        made(tmp_path / "d.npz")
    assert not (tmp_path / "was-run").exists()
