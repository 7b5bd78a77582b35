"""Write the ONNX files of Keras networks anew; needs tensorflow and tf2onnx."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from pathlib import Path

import onnx
import tensorflow as tf
import tf2onnx
from tensorflow.keras import Input, Model, Sequential, layers

FILES = Path(__file__).with_name("files")


def cnn():
    return Sequential(
        [
            Input((8, 8, 3)),
            layers.Conv2D(6, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.MaxPooling2D(2),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="swish"),
            layers.UpSampling2D(2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(5, activation="softmax"),
        ]
    )


def lstm():
    return Sequential([Input((5, 6)), layers.LSTM(7), layers.Dense(3)])


def attention():
    x = Input((5, 8))
    mixed = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    return Model(x, layers.Dense(3)(layers.GlobalAveragePooling1D()(mixed)))


def main():
    tf.keras.utils.set_random_seed(7)
    cases = (
        ("keras-cnn-17", cnn, 17),
        ("keras-lstm-18", lstm, 18),
        ("keras-attention-13", attention, 13),
    )
    for name, build, opset in cases:
        network = build()
        shape = (None, *network.inputs[0].shape[1:])
        signature = (tf.TensorSpec(shape, tf.float32, name="x"),)
        function = tf.function(network, input_signature=signature)
        model, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=opset)
        onnx.save(model, FILES / f"{name}.onnx")


if __name__ == "__main__":
    main()
