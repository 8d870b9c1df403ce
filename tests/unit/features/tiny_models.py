"""Tiny speech models with random weights, saved by the library itself, each with its real feature extractor."""

from pathlib import Path

import torch
import transformers as tf

SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": (8,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "vocab_size": 8,
}
_LAYER_NORM = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
_PLACES = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "max_target_positions": 8,
}

CONFIGS = {
    "wav2vec2": lambda: tf.Wav2Vec2Config(**SIZES),
    "xls-r": lambda: tf.Wav2Vec2Config(**SIZES, **_LAYER_NORM),
    "hubert": lambda: tf.HubertConfig(**SIZES),
    "wavlm": lambda: tf.WavLMConfig(**SIZES),
    "wavlm-large": lambda: tf.WavLMConfig(**SIZES, **_LAYER_NORM),
    "data2vec": lambda: tf.Data2VecAudioConfig(**SIZES | {"num_conv_pos_embeddings": 5, "conv_pos_kernel_size": 19}),
    "whisper": lambda: tf.WhisperConfig(
        **_PLACES, encoder_ffn_dim=32, decoder_attention_heads=2, decoder_ffn_dim=32, vocab_size=16,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    ),
}  # fmt: skip
NAMES = tuple(CONFIGS)


def extractor_of(name: str, rate: int = 16000) -> tf.FeatureExtractionMixin:
    """The feature extractor that models of this kind are published with."""
    if name == "whisper":
        return tf.WhisperFeatureExtractor(sampling_rate=rate)
    return tf.Wav2Vec2FeatureExtractor(sampling_rate=rate, return_attention_mask=name in ("xls-r", "wavlm-large"))


def model_of(name: str) -> tf.PreTrainedModel:
    """A model of one of NAMES, its weights the same in every call and large enough that every layer matters."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = tf.AutoModel.from_config(CONFIGS[name]())
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.data.normal_(std=parameter[0].numel() ** -0.5)
    return model.eval()


def save(name: str, folder: Path, rate: int = 16000) -> Path:
    """Save a model of one of NAMES, and its feature extractor, in a folder; returns it."""
    model_of(name).save_pretrained(folder)
    extractor_of(name, rate).save_pretrained(folder)
    return folder
