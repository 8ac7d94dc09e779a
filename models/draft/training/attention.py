"""What the text encoder and the denoiser share of attention. It holds no weights."""
import torch
import torch.nn.functional as F


def padding_bias(mask, dtype):
    return ((1.0 - mask.to(torch.float32)) * -1e9).to(dtype)[:, None, None, :]


def attend(q, k, v, bias=None):
    """softmax(q k^T / sqrt(head) + bias) v; written out on a CPU, where for so few tokens this trains faster than a fused kernel."""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=None if bias is None else bias.to(v.dtype))
    scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5)
    return torch.softmax(scores if bias is None else scores + bias, -1) @ v


def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x):
    return x.transpose(1, 2).flatten(2)
