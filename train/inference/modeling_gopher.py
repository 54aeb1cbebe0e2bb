"""A Gopher-family decoder for Hugging Face transformers, as `massivetext export` writes it.

Load it with ``AutoModelForCausalLM.from_pretrained(FOLDER, trust_remote_code=True)``. This one file
and PyTorch are all it needs. RMSNorm before each branch, relative positions of Transformer-XL
(Dai et al. 2019, equation 5), an ungated feed-forward of four times the width, one embedding for
input and output (Rae et al. 2021, section 3.1).
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

BOS, EOS = 1, 2


class GopherConfig(PretrainedConfig):  # type: ignore[misc]
    """Shape of the model; the names are transformers' own where it has one."""

    model_type = "gopher"

    def __init__(
        self,
        vocab_size: int = 32_000,
        hidden_size: int = 512,
        num_hidden_layers: int = 8,
        num_attention_heads: int = 16,
        head_dim: int = 32,
        **others: Any,
    ) -> None:
        """Takes the shape; `others` are ours, below, and transformers' general settings."""
        self.vocab_size, self.hidden_size = vocab_size, hidden_size
        self.num_hidden_layers, self.head_dim = num_hidden_layers, head_dim
        self.num_attention_heads = num_attention_heads
        self.max_position_embeddings = others.pop("max_position_embeddings", 2_048)  # trained on
        self.hidden_act = others.pop("hidden_act", "gelu")
        self.embedding_scale = others.pop("embedding_scale", math.sqrt(hidden_size))
        self.document_mask = others.pop("document_mask", False)
        super().__init__(**{"tie_word_embeddings": True, "use_cache": False, **others})


class Norm(nn.Module):  # type: ignore[misc]
    """Root mean square of 1 along the last axis, times a gain."""

    def __init__(self, width: int) -> None:
        """Starts with gains of 1."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Returns `x`, normed in float32."""
        y = x.float()
        y = y * torch.rsqrt((y * y).mean(-1, keepdim=True) + 1e-6)
        return (y * self.weight.float()).to(x.dtype)


class Attention(nn.Module):  # type: ignore[misc]
    """Attention whose scores depend on contents and distances."""

    def __init__(self, config: GopherConfig) -> None:
        """Makes the projections of a layer."""
        super().__init__()
        self.heads, self.size = config.num_attention_heads, config.head_dim
        inner = self.heads * self.size
        for name in ("query", "key", "value", "relative"):
            setattr(self, name, nn.Linear(config.hidden_size, inner, bias=False))
        self.out = nn.Linear(inner, config.hidden_size, bias=False)
        self.content_bias = nn.Parameter(torch.zeros(self.heads, self.size))
        self.position_bias = nn.Parameter(torch.zeros(self.heads, self.size))

    def forward(self, x: Tensor, encodings: Tensor, visible: Tensor) -> Tensor:
        """Returns what attention adds; `visible` (b, 1, t, t) says which keys a query sees."""
        batch, t, _ = x.shape
        q, k, v = (self._divide(getattr(self, n)(x)) for n in ("query", "key", "value"))
        r = self._divide(self.relative(encodings)[None])
        content = (q + self.content_bias[:, None]) @ k.transpose(-1, -2)
        position = shift((q + self.position_bias[:, None]) @ r.transpose(-1, -2))
        scores = (content.float() + position.float()) / math.sqrt(self.size)
        weights = scores.masked_fill(~visible, -1e30).softmax(-1).to(x.dtype)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, t, -1))

    def _divide(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, self.size).transpose(1, 2)


def shift(x: Tensor) -> Tensor:
    """Returns scores by key from scores by distance: column j of row i is distance i - j."""
    *batch, t, s = x.shape
    padded = functional.pad(x, (1, 0))
    return padded.reshape(*batch, s + 1, t)[..., 1:, :].reshape(*batch, t, s)


class Block(nn.Module):  # type: ignore[misc]
    """One layer: two branches, each reading a normed copy of the residual stream."""

    def __init__(self, config: GopherConfig) -> None:
        """Makes the layer's parts."""
        super().__init__()
        width = config.hidden_size
        self.norm_attention, self.norm_mlp = Norm(width), Norm(width)
        self.attention = Attention(config)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.activation = config.hidden_act

    def forward(self, x: Tensor, encodings: Tensor, visible: Tensor) -> Tensor:
        """Returns the residual stream after the layer."""
        x = x + self.attention(self.norm_attention(x), encodings, visible)
        return x + self.down(self._activate(self.up(self.norm_mlp(x))))

    def _activate(self, x: Tensor) -> Tensor:
        if self.activation == "gelu":
            return functional.gelu(x, approximate="tanh")  # JAX's gelu
        return functional.silu(x) if self.activation == "silu" else functional.relu(x)


class GopherForCausalLM(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """The decoder with its language modeling head, which is the embedding."""

    config_class = GopherConfig
    base_model_prefix = "gopher"
    _tied_weights_keys = {"head.weight": "embed.weight"}  # noqa: RUF012  (transformers' own form)

    def __init__(self, config: GopherConfig) -> None:
        """Makes the model with random parameters."""
        super().__init__(config)
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.norm_out = Norm(config.hidden_size)
        self.head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """Returns the embedding."""
        return self.embed

    def get_output_embeddings(self) -> nn.Linear:
        """Returns the head."""
        return self.head

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any
    ) -> dict[str, Any]:
        """Returns the whole text: keys and values are not kept between tokens."""
        return {"input_ids": input_ids, "attention_mask": attention_mask}

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """Returns the logits (b, t, vocabulary), and with `labels` the mean loss in nats.

        Args:
          input_ids: (b, t), as the tokenizer makes them, a begin of document first.
          attention_mask: (b, t), 0 at padding, which may stand on either side.
          labels: `input_ids` again, -100 where a token is not to be predicted.
        """
        x = self.embed(input_ids) * self.config.embedding_scale
        encodings = self._encode_distances(input_ids.shape[1], x)
        visible = self._find_visible(input_ids, attention_mask)
        for layer in self.layers:
            x = layer(x, encodings, visible)
        logits = self.head(self.norm_out(x)).float()
        loss = None
        if labels is not None:
            targets = labels[:, 1:].reshape(-1)
            loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets)
        return CausalLMOutputWithPast(loss=loss, logits=logits)

    def _encode_distances(self, t: int, x: Tensor) -> Tensor:
        """Returns the sinusoids of the distances t-1, ..., 0, (t, width)."""
        width = self.config.hidden_size
        steps = torch.arange(0, width, 2, device=x.device, dtype=torch.float32)
        rates = torch.tensor(10_000.0, device=x.device) ** (-steps / width)
        distances = torch.arange(t - 1, -1, -1, device=x.device, dtype=torch.float32)
        angles = distances[:, None] * rates
        return torch.cat([angles.sin(), angles.cos()], -1).to(x.dtype)

    def _find_visible(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        t = tokens.shape[1]
        visible = torch.ones(t, t, dtype=torch.bool, device=tokens.device).tril()[None, None]
        if mask is not None:
            visible = visible & mask.bool()[:, None, None, :]
        if self.config.document_mask:
            ended = functional.pad(tokens[:, :-1] == EOS, (1, 0))
            number = ((tokens == BOS) | ended).cumsum(1)
            visible = visible & (number[:, None, :, None] == number[:, None, None, :])
        return visible
