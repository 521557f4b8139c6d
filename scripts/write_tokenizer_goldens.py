"""Writes test/fixtures/tokenizers/: two small tokenizers as Hugging Face's library trains them, and what it makes of texts.

goldens.json: { <folder>: [{ text, whole: ids with marks, bare: ids without, decoded }] }.
"""

from pathlib import Path

from json_file import write_json
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = Path(__file__).resolve().parents[1] / "test" / "fixtures" / "tokenizers"
CORPUS = (
    "what colour is the circle? what shape is the red thing? is there a green star? how many blue things are there?",
    "a red circle left of a blue square. two purple triangles and an orange star; photographs aren't drawings.",
)
TEXTS = ("What colour is the circle?", "a red star", "photographing colourless things, isn't it?", "naïve café 42")


def word_piece() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(mark, made.token_to_id(mark)) for mark in ("[CLS]", "[SEP]")]
    )
    made.decoder = decoders.WordPiece()
    return made


def byte_pairs() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=360, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False))
    made.decoder = decoders.ByteLevel()
    return made


CONFIGS = {
    "word-piece": {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"},
    "byte-pairs": {"bos_token": "<|endoftext|>", "eos_token": {"content": "<|endoftext|>"}, "padding_side": "left"},
}


def main() -> None:
    goldens = {}
    for name, tokenizer in (("word-piece", word_piece()), ("byte-pairs", byte_pairs())):
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        write_json(folder / "tokenizer_config.json", CONFIGS[name])
        goldens[name] = [_golden(tokenizer, text) for text in TEXTS]
    write_json(FOLDER / "goldens.json", goldens)


def _golden(tokenizer: Tokenizer, text: str) -> dict:
    whole = tokenizer.encode(text).ids
    bare = tokenizer.encode(text, add_special_tokens=False).ids
    return {"text": text, "whole": whole, "bare": bare, "decoded": tokenizer.decode(whole)}


if __name__ == "__main__":
    main()
